// The tour's block: viz/page/page.h describes it.
import type { Evidence, Language } from "./report";
import { plain } from "./texts";
import { readJson } from "./unpack";

export interface Value {
  text: string;
  number: number | null;
  evidence: Evidence;
  claimed: number | null;
  agrees: boolean | null;
}

export interface Question {
  text: string;
  choices: { text: string; measured: boolean }[];
  answer: Value;
  no_answer: string;
}

export interface Step {
  id: string;
  title: string;
  story: string;
  question: Question | null;
  picture: number | null;
  figures: { label: string; value: Value }[];
  table: { columns: string[]; rows: { title: string; cells: Value[] }[] } | null;
  why: string[];
  runs: { run: number; title: string; command: string }[];
}

export interface Tour {
  recorded: string;
  steps: Step[];
}

/** The index of a choice, or a number where there are none; null: nothing was predicted. */
export type Prediction = number | null;

/** Is that what was measured? As near as the terminal's tour has it. */
export function isRight({ choices, answer }: Question, prediction: number): boolean {
  if (choices.length > 0) return choices[prediction]!.measured;
  return answer.number !== null && Math.abs(answer.number - prediction) <= 0.1 * Math.max(1, prediction);
}

export async function readTour(): Promise<Record<Language, Tour> | null> {
  if (!document.getElementById("tour")) return null;
  return readJson<Record<Language, Tour>>("tour", (_, value: unknown) => (typeof value === "string" ? plain(value) : value));
}
