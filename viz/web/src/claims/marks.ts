// What tables of claims are made of: verdicts, values, links into runs.
import { addressOf } from "../address";
import { el } from "../dom";
import type { Evidence, Report } from "../report";
import { runTitles } from "../run_panel";
import { say } from "../texts";
import { edgeWords } from "../timeline/details";
import { type Claim, type ClaimsData, inWords, type Link, type Verdict, type Words } from "./data";

/** Told apart without colour. */
const SYMBOLS: Record<Verdict, string> = {
  holds: "✓",
  holds_if: "◐",
  does_not_hold: "✗",
  self_contradictory: "⇄",
  not_tested: "·",
};

export const symbol = (verdict: Verdict): HTMLElement => el("span", { class: "symbol", "aria-hidden": "true" }, SYMBOLS[verdict]);

export const verdictWord = (verdict: Verdict): string => say(`verdict_${verdict}`);

/** The word for it where no condition follows. */
export const verdictAlone = (verdict: Verdict): string => (verdict === "holds_if" ? say("page_holds_if") : verdictWord(verdict));

export function verdictMark(verdict: Verdict, condition = ""): HTMLElement {
  return el(
    "span",
    { class: `mark ${verdict}`, "data-verdict": verdict },
    symbol(verdict),
    el("span", {}, condition ? verdictWord(verdict) : verdictAlone(verdict)),
  );
}

/** Where the claim stands among those of the document: "#P1", or "#claims/004/P1" if another one makes it first. */
export function claimAddress({ documents }: ClaimsData, id: string, document: string): string {
  const makers = documents.filter(({ claims }) => claims.includes(id));
  return makers.slice(1).some((maker) => maker.id === document) ? addressOf("claims", `${document}/${id}`) : addressOf(id);
}

/** A measured value, or that it is not known. */
export function measuredValue(words: Words, evidence: Evidence): HTMLElement {
  const value = inWords(words);
  return value ? el("span", { class: `value ${evidence}` }, value) : el("span", { class: "value none" }, say("unknown"));
}

/** What was claimed and is not so: struck through, and said to be so. */
export const struck = (claimed: string): HTMLElement =>
  el("del", {}, el("span", { class: "unseen" }, `${say("page_claimed")}: `), claimed);

/** Leads to the run, and to the arrow that shows it. `back`: the address that the way back is to lead to. */
export function runLink(report: Report, link: Link, back: string, text?: string): HTMLElement {
  const run = runTitles(report)[link.run] ?? "";
  const what = link.edge ? say("page_edge_way", run, edgeWords(link.edge)) : run;
  return el(
    "a",
    {
      class: text === undefined ? "run" : undefined,
      href: addressOf(`run-${link.run}`, link.edge),
      title: what,
      click: () => history.replaceState(null, "", back),
    },
    text ?? what,
  );
}

/** "12 hold": how many claims came to what. */
export function tally(claims: Claim[]): Map<Verdict, number> {
  const count = new Map<Verdict, number>();
  for (const { verdict } of claims) count.set(verdict, (count.get(verdict) ?? 0) + 1);
  return count;
}
