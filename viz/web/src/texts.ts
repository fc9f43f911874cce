// Words come from the report's table alone.
import type { Language, Report } from "./report";

let table: Report["texts"] = { en: {}, zh: {} };
let current: Language = "en";

export function useTexts(texts: Report["texts"], language: Language): void {
  table = texts;
  current = language;
}

export const language = (): Language => current;

/** The words of that name in the chosen language, {} filled in. */
export function say(name: string, ...values: string[]): string {
  let i = 0;
  return (table[current][name] ?? name).replace(/\{\}/g, () => values[i++] ?? "");
}

/** `one` for 1, else `many` with the count. */
export const sayCount = (count: number, shown: string, one: string, many: string): string =>
  count === 1 ? say(one) : say(many, shown);
