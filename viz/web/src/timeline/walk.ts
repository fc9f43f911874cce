// What of a row is to be drawn in a view: wide items one by one, the rest summed up by pixel column.
import { BLOCK, CLASSES, Track } from "./track";

export interface Columns {
  /** Part of each column that is busy, by colour: CLASSES numbers a column; -1 where something is that takes no time. */
  busy: Float32Array;
  seen: Uint8Array; // bit by colour
}

/** Shared by all rows: a frame draws them one after the other. */
let columns: Columns = { busy: new Float32Array(0), seen: new Uint8Array(0) };

/**
 * Calls `wide` for each item of at least `least` px, with its ends in px, and returns the columns of all others.
 * `width` columns show the time from `from` to `to`.
 */
export function walk(
  track: Track,
  from: number,
  to: number,
  width: number,
  least: number,
  wide: (index: number, left: number, right: number) => void,
): Columns {
  if (columns.seen.length < width) columns = { busy: new Float32Array(width * CLASSES), seen: new Uint8Array(width) };
  const { busy, seen } = columns;
  busy.fill(0, 0, width * CLASSES);
  seen.fill(0, 0, width);
  const scale = width / (to - from);
  const [big, small] = track.summaries as [Track["summaries"][0], Track["summaries"][0]];
  const { start, end, colour, length } = track;

  let i = track.firstAt(from);
  while (i < length && start[i]! <= to) {
    if (i % BLOCK === 0) {
      const summary = i % big.size === 0 && fits(big, i) ? big : fits(small, i) ? small : null;
      if (summary) {
        const block = i / summary.size;
        const column = Math.floor((start[i]! - from) * scale);
        if (column >= 0 && column < width) {
          seen[column]! |= summary.seen[block]!;
          for (let c = 0; c < CLASSES; ++c) busy[column * CLASSES + c]! += summary.busy[block * CLASSES + c]! * scale;
        }
        i += summary.size;
        continue;
      }
    }
    const left = (start[i]! - from) * scale;
    const right = (end[i]! - from) * scale;
    if (right >= 0) {
      if (right - left >= least) {
        wide(i, left, right);
      } else {
        const column = Math.floor(left);
        const c = colour[i]!;
        if (column >= 0 && column < width) {
          seen[column]! |= 1 << c;
          const here = Math.min(right, column + 1) - left;
          busy[column * CLASSES + c]! += here;
          if (right > column + 1 && column + 1 < width) {
            seen[column + 1]! |= 1 << c;
            busy[(column + 1) * CLASSES + c]! += right - column - 1;
          }
        }
      }
    }
    ++i;
  }
  return columns;

  /** Does the block from `at` on lie within a pixel? */
  function fits(summary: Track["summaries"][0], at: number): boolean {
    const block = at / summary.size;
    return at + summary.size <= length && (summary.end[block]! - start[at]!) * scale < 1;
  }
}
