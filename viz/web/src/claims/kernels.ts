// Every claim on every kernel: those that fare differently come first.
import { el } from "../dom";
import { say } from "../texts";
import { type Claim, type ClaimsData, inWords } from "./data";
import { claimAddress, verdictMark } from "./marks";

const differs = ({ on }: Claim): boolean => new Set(on.filter((each) => each !== null).map(({ verdict }) => verdict)).size > 1;

/** "Linux 6.12.107 in the lab" */
export const kernelWords = ({ release, where }: ClaimsData["kernels"][number]): string =>
  say(where === "lab" ? "linux_in_lab" : "linux_on_host", release);

function row(claim: Claim): HTMLElement {
  const usual = mostFrequent(claim);
  return el(
    "tr",
    { class: differs(claim) ? "differs" : undefined, "data-claim": claim.id },
    el("th", { scope: "row" }, el("a", { href: claimAddress(claim.id) }, claim.id), " ", el("span", { class: "statement" }, inWords(claim.statement))),
    ...claim.on.map((each) => {
      if (!each) return el("td", { class: "absent" }, "–");
      return el(
        "td",
        { class: differs(claim) && each.verdict !== usual ? "odd" : undefined },
        verdictMark(each.verdict),
        differs(claim) && inWords(each.measured) ? el("span", { class: "said" }, inWords(each.measured)) : null,
      );
    }),
  );
}

/** The verdict that most kernels come to; the first kernel's where none has the most. */
function mostFrequent({ on }: Claim): string | undefined {
  const verdicts = on.filter((each) => each !== null).map(({ verdict }) => verdict);
  const count = (verdict: string): number => verdicts.filter((each) => each === verdict).length;
  return verdicts.reduce<string | undefined>((most, each) => (most === undefined || count(each) > count(most) ? each : most), undefined);
}

export function kernelMatrix({ kernels, claims }: ClaimsData): HTMLElement {
  const title = say("page_kernels");
  const group = (heading: string, rows: Claim[]): HTMLElement | null =>
    rows.length === 0 ? null : el("tbody", {}, el("tr", { class: "section" }, el("th", { colspan: kernels.length + 1, scope: "rowgroup" }, heading)), ...rows.map(row));
  const different = claims.filter(differs);
  return el(
    "section",
    { class: "card", "data-testid": "kernels", "aria-label": title },
    el("h3", {}, title),
    different.length === 0 ? el("p", { class: "hint" }, say("page_kernels_none_differ")) : null,
    el(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": title },
      el(
        "table",
        { class: "kernels" },
        el("caption", { class: "unseen" }, title),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("page_claim")), ...kernels.map((kernel) => el("th", { scope: "col" }, kernelWords(kernel))))),
        group(say("page_kernels_differ"), different),
        group(say("page_kernels_same"), claims.filter((claim) => !differs(claim))),
      ),
    ),
  );
}
