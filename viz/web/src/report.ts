// What the page is given: viz/page/page.h describes it.
import { plain } from "./texts";
import { readJson } from "./unpack";

export type Language = "en" | "zh";
export type Evidence = "exact" | "at_least" | "sampled" | "inferred" | "none";
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

/** A figure of all runs: a cell for each, held against the first one's. */
export interface FigureRow {
  id: string;
  section: string;
  label: string;
  differs: boolean; // some run's from the first one's
  cells: { value: string; evidence: Evidence; absent: boolean; differs: boolean; change: string }[];
}

export type Tone = "good" | "mixed" | "transformed" | "bad" | "unknown";

/** What a flow of a traced program, or one method's part of it, came to. */
export interface FlowFigures {
  how: string;
  bytes: number;
  amount: string;
  copies: string;
  ratio: number | null;
  transforms: string; // empty where none were seen
  tone: Tone;
  switches: string;
  disk: string;
  cached: string;
}

export interface Flow {
  from: string;
  to: string;
  short_from: string; // the ends as a person calls them
  short_to: string;
  minor: boolean; // behind those that carry 99 % of the bytes
  process: string; // whose it is; empty where all are of one, or an end's text says it
  linked: boolean; // false: the one end is the program's memory
  all: FlowFigures;
  parts: FlowFigures[];
  why: { id: string; title: string; why: string; remedy: string }[]; // of the rules that tell why it has copies
}

export interface Flows {
  rows: Flow[];
  remarks: { label: string; text: string; warn: boolean }[];
}

/** One flow of a chain, or all of it. */
export interface ChainStep {
  how: string;
  process: string; // empty where all flows are of one
  amount: string;
  copies: string;
  tone: Tone;
}

export interface Chain {
  ends: string[]; // one more than steps
  steps: ChainStep[];
  whole: ChainStep;
  why_unknown: string; // why no copies are told of the whole way; empty where they are, or a step says it
}

export interface Chains {
  list: Chain[];
  left: string; // empty where none are left out
}

/** A sentence of what one side cost the CPU. */
export interface CpuSaid {
  side: "sender" | "receiver";
  label: string;
  text: string;
}

/** Which code copied. */
export interface StacksSaid {
  list: { amount: string; lines: string[] }[]; // the heaviest
  remarks: string[];
}

export interface Said {
  title: string;
  full_title: string;
  setting: string;
  network: string;
  verdict: { figure: string; what: string; judgment: string; tone: Tone };
  claim: string;
  evidence: { text: string; good: boolean };
  lost: string;
  complete: boolean;
  notes: string[];
  flows: Flows | null; // of a traced program
  chains: Chains | null; // of its flows, where some are joined
  cpu: CpuSaid[]; // empty where it was not sampled
  stacks: StacksSaid | null; // of a traced program, where it was asked for
  figures: Figure[];
}

export interface RunEntry {
  name?: Record<Language, string>; // the experiment's
  file: string;
  events: number;
  bytes: number;
  plays: boolean; // there is a playback of it
  said: Record<Language, Said>;
}

export interface Report {
  version: string;
  language: Language;
  texts: Record<Language, Record<string, string>>;
  runs: RunEntry[];
  comparison?: Record<Language, Record<Form, string>>;
  rows?: Record<Language, FigureRow[]>;
}

export type Pictures = Record<Language, Record<Form, { flow: string; chunk: string; whole: string; question?: string }>>;

/** A block of the page's data, its texts fit to be shown. */
export const readBlock = <T>(id: string): Promise<T> =>
  readJson<T>(id, (_, value: unknown) => (typeof value === "string" ? plain(value) : value));

export const readReport = (): Promise<Report> => readBlock<Report>("report");
export const readPictures = (run: number): Promise<Pictures> => readJson<Pictures>(`pictures-${run}`);
