// A document's own table with the measured values in its cells.
import { el } from "../dom";
import type { Report } from "../report";
import { say } from "../texts";
import { type Cell, type ClaimsData, inWords, type Table } from "./data";
import { claimAddress, runLink, struck } from "./marks";

function cell(report: Report, back: string, { claimed, measured, agrees, links }: Cell): HTMLElement {
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
    el("span", { class: "now" }, link ? runLink(report, link, back, value) : value),
    " ",
    agrees === false && inWords(claimed) ? struck(inWords(claimed)) : null,
  );
}

export function redrawn(report: Report, data: ClaimsData, table: Table): HTMLElement {
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
          ...table.rows.map(({ name: method, claim, cells }) => {
            const address = claimAddress(data, claim, table.document);
            return el(
              "tr",
              { "data-row": claim },
              el("th", { scope: "row" }, inWords(method), " ", el("a", { href: address }, claim)),
              ...cells.map((each) => cell(report, address, each)),
            );
          }),
        ),
      ),
    ),
  );
}
