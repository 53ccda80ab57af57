/** Euclidean norm, in double precision: what a harvest and everyone who asks what it left out compare with its limit. */
export function norm(x: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}
