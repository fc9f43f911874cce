// Words come from the report's table alone.
import type { Language, Report } from "./report";

let table: Report["texts"] = { en: {}, zh: {} };
let current: Language = "en";

export function useTexts(texts: Report["texts"], language: Language): void {
  table = texts;
  current = language;
}

/** A text from a document as it may be shown: what would steer the text around it becomes "?". */
export const plain = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "?");

export const language = (): Language => current;

/** The words of that name in the chosen language, {} filled in. */
export function say(name: string, ...values: string[]): string {
  let i = 0;
  return (table[current][name] ?? name).replace(/\{\}/g, () => values[i++] ?? "");
}

/** `one` for 1, else `many` with the count. */
export const sayCount = (count: number, shown: string, one: string, many: string): string =>
  count === 1 ? say(one) : say(many, shown);
