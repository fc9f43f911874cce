// A document's own table with the measured values in its cells.
import { el } from "../dom";
import type { Report } from "../report";
import { say } from "../texts";
import { type Cell, inWords, type Table } from "./data";
import { claimAddress, runLink, struck } from "./marks";

function cell(report: Report, claim: string, { claimed, measured, agrees, links }: Cell): HTMLElement {
  const value = inWords(measured);
  const link = links[0];
  if (!value)
    return el(
      "td",
      { class: "unmeasured" },
      el("span", { class: "value none" }, say("unknown")),
      inWords(claimed) ? el("span", { class: "said" }, `${say("page_claimed")}: ${inWords(claimed)}`) : null,
    );
  return el(
    "td",
    { class: agrees === false ? "differs" : agrees ? "agrees" : undefined },
    el("span", { class: "now" }, link ? runLink(report, link, claim, value) : value),
    " ",
    agrees === false && inWords(claimed) ? struck(claimed) : null,
  );
}

export function redrawn(report: Report, table: Table): HTMLElement {
  const name = say("page_redrawn", table.document, inWords(table.title));
  return el(
    "section",
    { class: "card", "data-testid": `redrawn-${table.document}`, "aria-label": name },
    el("h3", {}, name),
    el("p", { class: "hint" }, say("page_redrawn_says")),
    el(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": name },
      el(
        "table",
        { class: "redrawn" },
        el("caption", { class: "unseen" }, name),
        el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("page_redrawn_row")), ...table.columns.map((each) => el("th", { scope: "col" }, inWords(each))))),
        el(
          "tbody",
          {},
          ...table.rows.map((row) =>
            el(
              "tr",
              { "data-row": row.claim },
              el("th", { scope: "row" }, el("span", {}, inWords(row.name)), " ", el("a", { href: claimAddress(row.claim) }, row.claim)),
              ...row.cells.map((each) => cell(report, row.claim, each)),
            ),
          ),
        ),
      ),
    ),
  );
}
