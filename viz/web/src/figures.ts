// Tables of figures, each with its evidence.
import { el } from "./dom";
import type { Evidence, Figure, FigureRow } from "./report";
import { say } from "./texts";

export function badge(evidence: Evidence): HTMLElement {
  return el("span", { class: `badge ${evidence}`, "data-evidence": evidence }, say(evidence === "none" ? "no_evidence" : evidence));
}

function value({ value, evidence }: { value: string; evidence: Evidence }): HTMLElement {
  return el("span", { class: `value ${evidence}` }, value);
}

/** Figures by section, in their order. */
function sections<Each extends { section: string }>(figures: Each[]): Map<string, Each[]> {
  const found = new Map<string, Each[]>();
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

/** The same figures of several runs beside each other; what differs from the first run is marked. */
export function comparisonTable(titles: string[], all: FigureRow[]): HTMLElement {
  const table = el(
    "table",
    { class: "figures side-by-side", "data-testid": "comparison-figures" },
    el("caption", { class: "unseen" }, say("page_comparison")),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("page_figure")), ...titles.map((title) => el("th", { scope: "col" }, title)))),
  );
  for (const [section, rows] of sections(all)) {
    const body = el("tbody", {}, heading(section, titles.length + 1));
    for (const { id, label, differs, cells } of rows)
      body.append(
        el(
          "tr",
          { "data-figure": id, class: differs ? "differs" : undefined },
          el("th", { scope: "row" }, label),
          ...cells.map((cell) =>
            el(
              "td",
              { class: `number${cell.absent ? " absent" : ""}${cell.differs ? " differs" : ""}` },
              value(cell),
              cell.evidence === "exact" ? null : badge(cell.evidence),
              cell.change === "" ? null : el("span", { class: "change" }, cell.change),
            ),
          ),
        ),
      );
    table.append(body);
  }
  return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": say("page_comparison") }, table);
}
