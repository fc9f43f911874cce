// How a claim was judged: each setting, each value compared.
import { el } from "../dom";
import { badge } from "../figures";
import type { Report } from "../report";
import { say } from "../texts";
import { type Claim, inWords, type Part, type Setting } from "./data";
import { measuredValue, runLink } from "./marks";

const agreement = (agrees: boolean | null): HTMLElement =>
  agrees === null
    ? el("span", { class: "agreement unknown" }, say("unknown"))
    : el(
        "span",
        { class: `agreement ${agrees ? "agrees" : "differs"}` },
        el("span", { class: "symbol", "aria-hidden": "true" }, agrees ? "=" : "≠"),
        say(agrees ? "page_claim_agrees" : "page_claim_differs"),
      );

function row(report: Report, back: string, part: Part): HTMLElement {
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, inWords(part.label)),
    el("td", { "data-label": say("page_claimed") }, inWords(part.claimed)),
    el(
      "td",
      { "data-label": say("page_measured") },
      measuredValue(part.measured, part.evidence),
      " ",
      inWords(part.measured) ? badge(part.evidence) : null,
      inWords(part.missing) ? el("span", { class: "missing" }, inWords(part.missing)) : null,
    ),
    el("td", {}, agreement(part.agrees)),
    el("td", { class: "rule", "data-label": say("page_claim_rule") }, inWords(part.rule)),
    el("td", { class: "runs" }, ...part.links.map((link) => el("div", {}, runLink(report, link, back)))),
  );
}

function setting(report: Report, back: string, { condition, agrees, parts }: Setting): HTMLElement {
  return el(
    "table",
    { class: "parts" },
    el("caption", {}, inWords(condition) || say("page_claim_always"), ": ", agreement(agrees)),
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ...["page_claim_part", "page_claimed", "page_measured", "page_claim_agreement", "page_claim_rule", "page_claim_show"].map((text) =>
          el("th", { scope: "col" }, say(text)),
        ),
      ),
    ),
    el("tbody", {}, ...parts.map((part) => row(report, back, part))),
  );
}

/** `back`: the claim's address. */
export function details(report: Report, claim: Claim, back: string): HTMLElement {
  return el(
    "div",
    { class: "judged" },
    el("h4", {}, say("page_claim_details", claim.id)),
    ...claim.settings.map((each) => setting(report, back, each)),
    claim.settings.length === 0 ? el("p", { class: "hint" }, say("page_claim_no_details")) : null,
  );
}
