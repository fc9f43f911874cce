// A run as it is played: viz/page/page.h describes it.
import type { Language } from "../report";
import { readBlock } from "../report";

type Words = Record<Language, string>;

export interface Step {
  kind: "enter" | "leave" | "fault" | "move" | "rest";
  begin: number; // s of the playing
  length: number;
  mark: number; // the picture's mode switch that it is, or 0
  moved: number[]; // places in ways
  said: Words;
  // When it is over:
  until: number; // ns
  bytes: number[]; // of each way
  copied: number;
  arrived: number;
  switches: number;
  calls: number;
  busy: number | null; // ns
}

export interface Play {
  end: number; // ns
  seconds: number;
  slow: number; // how many steps are the first round's
  copies_known: boolean;
  switches_known: boolean;
  speed: Words;
  missing: Words;
  received: Words; // where the receiver took the first chunk
  caution: Words;
  ways: { edge: string; amount: Words }[];
  steps: Step[];
}

export const readPlay = (run: number): Promise<Play> => readBlock<Play>(`playback-${run}`);

/** Where the playing is. */
export interface Moment {
  step: number; // that is going on; the number of steps where all are over
  part: number; // of it that is over, 0 to 1
  before: Step | null; // the last one that is over
  ns: number; // of the run
}

/** How many of the steps are over, which are the first ones. */
export function countOver(steps: Step[], isOver: (step: Step) => boolean): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isOver(steps[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What is going on at that second of the playing. */
export function momentAt(play: Play, second: number): Moment {
  const { steps } = play;
  const over = countOver(steps, (step) => step.begin + step.length <= second);
  const before = steps[over - 1] ?? null;
  const step = steps[over];
  if (!step) return { step: over, part: 0, before, ns: play.end };
  const part = Math.max(0, (second - step.begin) / step.length);
  const from = before?.until ?? 0;
  return { step: over, part, before, ns: from + part * (step.until - from) };
}
