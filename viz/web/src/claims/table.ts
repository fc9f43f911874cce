// The claims of one document, a row each; what a row is judged by opens below it.
import { el } from "../dom";
import type { Report } from "../report";
import { say } from "../texts";
import { compared } from "./compared";
import { type Claim, type ClaimsData, type Document, inWords, runsOf, type Source } from "./data";
import { details } from "./details";
import { claimAddress, runLink, verdictMark } from "./marks";

export interface Row {
  address: string;
  claim: Claim;
  body: HTMLTableSectionElement;
  open(open: boolean): void;
  focus(): void;
}

const COLUMNS = ["page_claim_id", "page_claim", "page_claimed_measured", "page_verdict", "page_why"];

/** The table of a document's claims, and its rows; `opened` holds the open ones' addresses and is kept up to date. */
export function claimTable(
  report: Report,
  data: ClaimsData,
  document: Document,
  claims: Claim[],
  opened: Set<string>,
): { table: HTMLElement; rows: Row[] } {
  const rows = claims.map((claim) => claimRow(report, claim, `judged-${document.id}-${claim.id}`, claimAddress(data, claim.id, document.id), opened));
  const table = el(
    "table",
    { class: "claims" },
    el("caption", { class: "unseen" }, document.collected ? inWords(document.title) : say("page_document_claims", document.id)),
    el("thead", {}, el("tr", {}, ...COLUMNS.map((text) => el("th", { scope: "col" }, say(text))))),
    ...rows.map(({ body }) => body),
  );
  return { table, rows };
}

/** Who says so, as a link. */
const source = ({ name, year, link }: Source): HTMLElement =>
  el("a", { class: "source", href: link, rel: "noreferrer", "aria-label": `${say("quantity_source")}: ${name}, ${year}` }, `${name}, ${year}`);

function claimRow(report: Report, claim: Claim, id: string, address: string, opened: Set<string>): Row {
  const more = el("tr", { id, class: "more", hidden: true });
  const condition = inWords(claim.condition);
  const runs = runsOf(claim);
  const toggle = el("button", { type: "button", class: "toggle", "aria-expanded": "false", "aria-controls": id }, claim.id);
  const head = el(
    "tr",
    { class: "claim" },
    el("th", { scope: "row" }, toggle),
    el("td", { class: "statement" }, inWords(claim.statement), ...claim.sources.map(source)),
    el("td", { class: "comparison" }, compared(claim)),
    el("td", { class: "verdict-cell" }, verdictMark(claim.verdict, condition), condition ? el("span", { class: "condition" }, condition) : null),
    el(
      "td",
      { class: "why" },
      inWords(claim.why),
      runs.length > 0 &&
        el("span", { class: "runs" }, say("page_claim_show"), " ", ...runs.flatMap((link, i) => [i > 0 ? " · " : "", runLink(report, link, address)])),
    ),
  );
  const body = el("tbody", { "data-claim": claim.id, class: claim.verdict }, head, more);
  const open = (now: boolean): void => {
    if (now) {
      opened.add(address);
      more.replaceChildren(el("td", { colspan: COLUMNS.length }, details(report, claim, address)));
    } else {
      opened.delete(address);
    }
    more.hidden = !now;
    toggle.setAttribute("aria-expanded", String(now));
  };
  toggle.addEventListener("click", () => {
    open(more.hidden);
    if (!more.hidden) history.replaceState(null, "", address);
  });
  if (opened.has(address)) open(true);
  return { address, claim, body, open, focus: () => toggle.focus({ preventScroll: true }) };
}
