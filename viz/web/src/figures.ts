// Tables of figures, each with its evidence.
import { el } from "./dom";
import type { Evidence, Figure } from "./report";
import { say } from "./texts";

export function badge(evidence: Evidence): HTMLElement {
  return el("span", { class: `badge ${evidence}`, "data-evidence": evidence }, say(evidence === "none" ? "no_evidence" : evidence));
}

function value(figure: Figure): HTMLElement {
  return el("span", { class: `value ${figure.evidence}` }, figure.value);
}

/** Figures by section, in their order. */
function sections(figures: Figure[]): Map<string, Figure[]> {
  const found = new Map<string, Figure[]>();
  for (const figure of figures) {
    const section = found.get(figure.section);
    if (section) section.push(figure);
    else found.set(figure.section, [figure]);
  }
  return found;
}

const heading = (text: string, span: number): HTMLElement =>
  el("tr", { class: "section" }, el("th", { colspan: span, scope: "rowgroup" }, text));

/** Every figure of one run. */
export function figureTable(figures: Figure[]): HTMLElement {
  const table = el(
    "table",
    { class: "figures", "data-testid": "figures" },
    el("caption", { class: "unseen" }, say("page_figures")),
    el(
      "thead",
      {},
      el("tr", {}, ...["page_figure", "page_value", "evidence", "page_detail"].map((text) => el("th", { scope: "col" }, say(text)))),
    ),
  );
  for (const [section, rows] of sections(figures)) {
    const body = el("tbody", {}, heading(section, 4));
    for (const figure of rows)
      body.append(
        el(
          "tr",
          { "data-figure": figure.id },
          el("th", { scope: "row" }, figure.label),
          el("td", { class: "number" }, value(figure)),
          el("td", {}, badge(figure.evidence)),
          el("td", { class: "detail" }, figure.detail),
        ),
      );
    table.append(body);
  }
  return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": say("page_figures") }, table);
}

/** The same figures of several runs beside each other; a row that differs is marked. */
export function comparisonTable(titles: string[], runs: Figure[][]): HTMLElement {
  const order: Figure[] = [];
  const known = new Map<string, (Figure | undefined)[]>();
  runs.forEach((figures, run) => {
    let after = -1; // a figure that only a later run has stands behind its neighbour there
    for (const figure of figures) {
      let row = known.get(figure.id);
      if (!row) {
        known.set(figure.id, (row = []));
        order.splice(after + 1, 0, figure);
      }
      after = order.findIndex((each) => each.id === figure.id);
      row[run] = figure;
    }
  });
  const table = el(
    "table",
    { class: "figures side-by-side", "data-testid": "comparison-figures" },
    el("caption", { class: "unseen" }, say("page_comparison")),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("page_figure")), ...titles.map((title) => el("th", { scope: "col" }, title)))),
  );
  for (const [section, rows] of sections(order)) {
    const body = el("tbody", {}, heading(section, titles.length + 1));
    for (const { id, label } of rows) {
      const row = known.get(id)!;
      const differs = new Set(titles.map((_, run) => row[run]?.value ?? "")).size > 1;
      body.append(
        el(
          "tr",
          { "data-figure": id, class: differs ? "differs" : undefined },
          el("th", { scope: "row" }, label),
          ...titles.map((_, run) => {
            const figure = row[run];
            if (!figure) return el("td", { class: "number absent" }, "–");
            return el("td", { class: "number" }, value(figure), figure.evidence === "exact" ? null : badge(figure.evidence));
          }),
        ),
      );
    }
    table.append(body);
  }
  return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": say("page_comparison") }, table);
}
