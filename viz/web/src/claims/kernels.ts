// Every claim on every kernel: those that fare differently come first.
import { addressOf } from "../address";
import { el } from "../dom";
import { say } from "../texts";
import { formatCount } from "../units";
import { type Claim, type ClaimsData, inWords, type OnKernel, type Verdict } from "./data";
import { verdictMark } from "./marks";

const differs = ({ on }: Claim): boolean => new Set(on.filter((each) => each !== null).map(({ verdict }) => verdict)).size > 1;

/** "Linux 6.12.107 in the lab" */
export const kernelWords = ({ release, where }: ClaimsData["kernels"][number]): string =>
  say(where === "lab" ? "linux_in_lab" : "linux_on_host", release);

/** The verdict that most kernels come to; the first kernel's where several have the most. */
function usual({ on }: Claim): Verdict | undefined {
  const verdicts = on.filter((each) => each !== null).map(({ verdict }) => verdict);
  const count = (verdict: Verdict): number => verdicts.filter((each) => each === verdict).length;
  return verdicts.sort((a, b) => count(b) - count(a))[0];
}

function cell(on: OnKernel | null, odd: boolean, full: boolean): HTMLElement {
  if (!on) return el("td", { class: "absent" }, "–");
  const more = full ? [inWords(on.condition), inWords(on.measured)].filter((text) => text !== "") : [];
  return el("td", { class: odd ? "odd" : undefined }, verdictMark(on.verdict, inWords(on.condition)), ...more.map((text) => el("span", { class: "said" }, text)));
}

function table(kernels: ClaimsData["kernels"], caption: string, claims: Claim[], full: boolean): HTMLElement {
  return el(
    "div",
    { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
    el(
      "table",
      { class: "kernels" },
      el("caption", { class: "unseen" }, caption),
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("page_claim")), ...kernels.map((kernel) => el("th", { scope: "col" }, kernelWords(kernel))))),
      el(
        "tbody",
        {},
        ...claims.map((claim) =>
          el(
            "tr",
            { class: full ? "differs" : undefined, "data-claim": claim.id },
            el("th", { scope: "row" }, el("a", { href: addressOf(claim.id) }, claim.id), " ", el("span", { class: "statement" }, inWords(claim.statement))),
            ...claim.on.map((each) => cell(each, each?.verdict !== usual(claim), full)),
          ),
        ),
      ),
    ),
  );
}

export function kernelMatrix({ kernels, claims }: ClaimsData): HTMLElement {
  const title = say("page_kernels");
  const different = claims.filter(differs);
  const same = claims.filter((claim) => !differs(claim));
  return el(
    "section",
    { class: "card", "data-testid": "kernels", "aria-label": title },
    el("h3", {}, title),
    el("p", { class: "hint" }, different.length > 0 ? say("page_kernels_differ", formatCount(different.length), formatCount(claims.length)) : say("page_kernels_none_differ")),
    different.length > 0 ? table(kernels, title, different, true) : null,
    same.length > 0 &&
      el("details", { class: "same" }, el("summary", {}, say("page_kernels_same", formatCount(same.length))), table(kernels, say("page_kernels_same", formatCount(same.length)), same, false)),
  );
}
