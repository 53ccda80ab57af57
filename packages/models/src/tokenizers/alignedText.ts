/**
 * A text made from another one by edits, each UTF-16 unit with the range of the original that it stands for. This is how offsets survive
 * normalisation.
 */
export interface AlignedText {
  readonly text: string;
  /** Unit i stands for original units [starts[i], ends[i]); null when every unit stands for itself. */
  readonly origin: { readonly starts: Int32Array; readonly ends: Int32Array } | null;
}

/** Units [start, end) become `content`; an insertion has start = end. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly content: string;
}

/** A text that was not edited yet. */
export const unaligned = (text: string): AlignedText => ({ text, origin: null });

/**
 * Original [start, end) of the units [start, end) of an edited text. An empty range is empty in the original as well, unless it stands inside of
 * what was put in place of something.
 */
export function originalRange({ text, origin }: AlignedText, start: number, end: number): [number, number] {
  if (!origin) return [start, end];
  if (start < end) return [origin.starts[start], origin.ends[end - 1]];
  const before = start > 0 ? origin.ends[start - 1] : 0;
  const after = start < text.length ? origin.starts[start] : before;
  return [after, Math.max(before, after)];
}

/**
 * Makes edits, given in order and without overlap. What is put in place of a range stands for the whole of it; what is inserted stands for
 * nothing, at its place.
 */
export function applyEdits(aligned: AlignedText, edits: readonly Edit[]): AlignedText {
  if (edits.length === 0) return aligned;
  const { text } = aligned;
  const parts: string[] = [];
  let copied = 0;
  for (const { start, end, content } of edits) {
    parts.push(text.slice(copied, start), content);
    copied = end;
  }
  parts.push(text.slice(copied));
  const edited = parts.join("");
  if (edits.every(({ start, end, content }) => end === start + 1 && content.length === 1)) {
    return { text: edited, origin: aligned.origin }; // one unit for one unit: nothing moved
  }

  const starts = new Int32Array(edited.length);
  const ends = new Int32Array(edited.length);
  let from = 0;
  let to = 0;
  const copyUntil = (stop: number) => {
    for (; from < stop; from++, to++) {
      starts[to] = aligned.origin ? aligned.origin.starts[from] : from;
      ends[to] = aligned.origin ? aligned.origin.ends[from] : from + 1;
    }
  };
  for (const { start, end, content } of edits) {
    copyUntil(start);
    const [originalStart, originalEnd] = originalRange(aligned, start, end);
    starts.fill(originalStart, to, to + content.length);
    ends.fill(originalEnd, to, to + content.length);
    to += content.length;
    from = end;
  }
  copyUntil(text.length);
  return { text: edited, origin: { starts, ends } };
}

/** Replaces one unit by another wherever it stands; nothing moves. */
export const replaceUnit = ({ text, origin }: AlignedText, from: string, to: string): AlignedText => ({
  text: text.replaceAll(from, to),
  origin,
});
