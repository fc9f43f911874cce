// Claimed beside measured in short: a line for each quantity of a claim, with its values in all the settings tried.
import { el } from "../dom";
import { say } from "../texts";
import { type Claim, inWords, type Part, type Verdict } from "./data";
import { measuredValue, struck, symbol } from "./marks";

interface Line {
  label: string;
  tries: { condition: string; part: Part }[];
}

/** The same quantity at the same place in several settings is one line. */
function linesOf({ settings }: Claim): Line[] {
  const first = settings[0]?.parts ?? [];
  const lines: Line[] = first.map((part) => ({ label: inWords(part.label), tries: [] }));
  for (const { condition, parts } of settings)
    parts.forEach((part, i) => {
      const tried = { condition: inWords(condition), part };
      if (first[i]?.quantity === part.quantity) lines[i]!.tries.push(tried);
      else lines.push({ label: inWords(part.label), tries: [tried] });
    });
  return lines;
}

function outcome({ tries }: Line): Verdict {
  if (tries.some(({ part }) => part.agrees === null)) return "not_tested";
  const agreeing = tries.filter(({ part }) => part.agrees).length;
  return agreeing === tries.length ? "holds" : agreeing > 0 ? "holds_if" : "does_not_hold";
}

const distinct = (texts: string[]): string[] => [...new Set(texts)];

/** Each value once, with the settings in which it was measured where that matters. */
function values({ tries }: Line, came: Verdict): HTMLElement[] {
  return distinct(tries.map(({ part }) => inWords(part.measured))).map((value, _, all) => {
    const same = tries.filter(({ part }) => inWords(part.measured) === value);
    const where = all.length > 1 && came !== "holds" ? distinct(same.map(({ condition }) => condition)).filter((each) => each !== "").join(say("comma")) : "";
    const { part } = same[0]!;
    return el("div", {}, measuredValue(part.measured, part.evidence), where ? el("span", { class: "in" }, ` ${where}`) : null);
  });
}

function line(each: Line): HTMLElement {
  const { label, tries } = each;
  const came = outcome(each);
  const claimed = distinct(tries.map(({ part }) => inWords(part.claimed))).join(" / ");
  return el(
    "tr",
    { class: came },
    el("th", { scope: "row" }, symbol(came), el("span", {}, label)),
    el("td", { class: "claimed" }, came === "does_not_hold" ? struck(claimed) : claimed),
    el("td", { class: "measured" }, ...values(each, came)),
  );
}

/** The lines of a claim as a table; where nothing was compared, what it claims and what was measured. */
export function compared(claim: Claim): HTMLElement {
  const lines = linesOf(claim);
  if (lines.length === 0) return el("div", {}, measuredValue(claim.measured, claim.evidence));
  return el(
    "table",
    { class: "compared" },
    el("caption", { class: "unseen" }, say("page_claim_compared", claim.id)),
    el(
      "thead",
      {},
      el("tr", {}, ...["page_claim_part", "page_claimed", "page_measured"].map((text) => el("th", { scope: "col" }, el("span", { class: "unseen" }, say(text))))),
    ),
    el("tbody", {}, ...lines.map(line)),
  );
}
