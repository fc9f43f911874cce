// What the page is given: viz/page/page.h describes it.
import { plain } from "./texts";
import { readJson } from "./unpack";

export type Language = "en" | "zh";
export type Evidence = "exact" | "sampled" | "inferred" | "none";
export type Form = "wide" | "narrow";

export interface Figure {
  id: string;
  section: string;
  label: string;
  value: string;
  number: number | null;
  evidence: Evidence;
  detail: string;
}

export interface Said {
  title: string;
  full_title: string;
  setting: string;
  network: string;
  verdict: { figure: string; what: string; judgment: string; tone: "good" | "bad" | "unknown" };
  claim: string;
  evidence: { text: string; good: boolean };
  lost: string;
  complete: boolean;
  notes: string[];
  figures: Figure[];
}

export interface RunEntry {
  name?: Record<Language, string>; // the experiment's
  file: string;
  events: number;
  bytes: number;
  said: Record<Language, Said>;
}

export interface Report {
  version: string;
  language: Language;
  texts: Record<Language, Record<string, string>>;
  runs: RunEntry[];
  comparison?: Record<Language, Record<Form, string>>;
}

export type Pictures = Record<Language, Record<Form, { flow: string; chunk: string; whole: string }>>;

/** A block of the page's data, its texts fit to be shown. */
export const readBlock = <T>(id: string): Promise<T> =>
  readJson<T>(id, (_, value: unknown) => (typeof value === "string" ? plain(value) : value));

export const readReport = (): Promise<Report> => readBlock<Report>("report");
export const readPictures = (run: number): Promise<Pictures> => readJson<Pictures>(`pictures-${run}`);
