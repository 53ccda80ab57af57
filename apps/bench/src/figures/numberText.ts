const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A power of ten for an axis: `powerOfTen(1e-5)` is "10⁻⁵"; other numbers print as they are. */
export function powerOfTen(value: number): string {
  const exponent = Math.round(Math.log10(value));
  if (Math.abs(value / 10 ** exponent - 1) > 1e-9) return `${value}`;
  const digits = [...`${Math.abs(exponent)}`].map((digit) => superscripts[Number(digit)]).join("");
  return `10${exponent < 0 ? "⁻" : ""}${digits}`;
}

/** The powers of ten within [low, high], for the ticks of a logarithmic axis. */
export function decades(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => Number(`1e${first + i}`));
}

/** A count with a thin space between thousands: "73 728". */
export const groupThousands = (value: number): string => `${Math.round(value)}`.replace(/\B(?=(\d{3})+$)/g, "\u2009");

/** A number of samples in short: "4.1M", "500M", "20k". */
export function shortCount(value: number): string {
  for (const [size, unit] of [
    [1e9, "B"],
    [1e6, "M"],
    [1e3, "k"],
  ] as const) {
    if (value >= size) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  return `${value}`;
}

/** A share in per cent with as many digits as tell small shares apart: "9.3 %", "0.09 %", "99.97 %". */
export function percent(share: number): string {
  const value = share * 100;
  return `${Number(value.toFixed(value < 1 || value > 99 ? 2 : 1))}\u00a0%`;
}

/** A signed decimal with a true minus sign. */
export const decimal = (value: number, digits: number): string => value.toFixed(digits).replace("-", "−");
