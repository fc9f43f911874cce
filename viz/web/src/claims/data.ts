// The documents' claims and what came of them: viz/page/page.h describes the block "claims".
import { type Evidence, type Language, readBlock } from "../report";
import { language } from "../texts";

export type Words = Record<Language, string>;
export type Verdict = "holds" | "holds_if" | "does_not_hold" | "self_contradictory" | "not_tested";

/** In the order in which they are counted. */
export const VERDICTS: Verdict[] = ["holds", "holds_if", "does_not_hold", "self_contradictory", "not_tested"];

export interface Link {
  run: number;
  edge: string;
}

export interface Part {
  quantity: string;
  label: Words;
  claimed: Words;
  measured: Words;
  agrees: boolean | null;
  evidence: Evidence;
  missing: Words;
  rule: Words;
  links: Link[];
}

export interface Setting {
  condition: Words;
  agrees: boolean | null;
  parts: Part[];
}

export interface OnKernel {
  verdict: Verdict;
  measured: Words;
  condition: Words;
}

export interface Source {
  name: string;
  year: number;
  link: string;
}

export interface Claim {
  id: string;
  statement: Words;
  claimed: Words;
  measured: Words;
  verdict: Verdict;
  condition: Words;
  evidence: Evidence;
  why: Words;
  sources: Source[];
  settings: Setting[];
  on: (OnKernel | null)[];
}

export interface Cell {
  claimed: Words;
  measured: Words;
  agrees: boolean | null;
  links: Link[];
}

export interface Table {
  document: string;
  title: Words;
  columns: Words[];
  rows: { name: Words; claim: string; cells: Cell[] }[];
}

export interface Document {
  id: string;
  title: Words;
  /** No textbook, but what others say. */
  collected: boolean;
  claims: string[];
}

export interface ClaimsData {
  kernels: { release: string; where: "host" | "lab" }[];
  documents: Document[];
  claims: Claim[];
  tables: Table[];
}

export const inWords = (words: Words): string => words[language()];

/** Null where the page has none. */
export async function readClaims(): Promise<ClaimsData | null> {
  return document.getElementById("claims") ? readBlock<ClaimsData>("claims") : null;
}

/** Every run that shows something of the claim: once, with the first arrow named for it. */
export function runsOf(claim: Claim): Link[] {
  const found = new Map<number, Link>();
  for (const { links } of claim.settings.flatMap(({ parts }) => parts))
    for (const link of links) {
      const known = found.get(link.run);
      if (!known || (known.edge === "" && link.edge !== "")) found.set(link.run, link);
    }
  return [...found.values()];
}
