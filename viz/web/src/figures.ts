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

/** How many bytes and calls an edge's ratio comes from: shown when asked for. */
const isDeep = ({ id }: FigureRow): boolean => /^copies\/.*\/(bytes|calls)$/.test(id);

function cellOf(cell: FigureRow["cells"][number], title: string): HTMLElement {
  return el(
    "td",
    { "data-title": title, class: `number${cell.absent ? " absent" : ""}${cell.differs ? " differs" : ""}` },
    value(cell),
    cell.evidence === "exact" ? null : badge(cell.evidence),
    cell.change === "" ? null : el("span", { class: "change" }, cell.change),
  );
}

function sideBySide(titles: string[], all: FigureRow[]): HTMLElement {
  const table = el(
    "table",
    { class: "figures side-by-side" },
    el("caption", { class: "unseen" }, say("page_comparison")),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, say("page_figure")), ...titles.map((title) => el("th", { scope: "col" }, title)))),
  );
  for (const [section, rows] of sections(all)) {
    const body = el("tbody", {}, heading(section, titles.length + 1));
    for (const row of rows) {
      const deep = rows.filter((each) => isDeep(each) && each.id.startsWith(`${row.id}/`));
      const shown = row.differs || deep.some((each) => each.differs);
      body.append(
        el(
          "tr",
          { "data-figure": row.id, class: [shown ? "differs" : "", isDeep(row) ? "deep" : ""].join(" ").trim() || undefined, hidden: isDeep(row) },
          el("th", { scope: "row" }, deep.length > 0 ? more(row.label, row.id, table) : row.label),
          ...row.cells.map((cell, run) => cellOf(cell, titles[run]!)),
        ),
      );
    }
    table.append(body);
  }
  return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": say("page_comparison") }, table);
}

/** A row's name as a button that shows what lies below it. */
function more(label: string, id: string, table: HTMLElement): HTMLElement {
  const button: HTMLElement = el(
    "button",
    {
      type: "button",
      class: "more",
      "aria-expanded": "false",
      click: () => {
        const open = button.getAttribute("aria-expanded") !== "true";
        button.setAttribute("aria-expanded", String(open));
        for (const row of table.querySelectorAll<HTMLElement>("tr.deep")) if (row.dataset.figure!.startsWith(`${id}/`)) row.hidden = !open;
      },
    },
    label,
  );
  return button;
}

/** The same figures of several runs beside each other: first those in which one differs from the first run, and is marked. */
export function comparisonTable(titles: string[], all: FigureRow[]): HTMLElement {
  // An edge is one row, with what lies below it.
  const edge = ({ id }: FigureRow): string => id.replace(/\/(bytes|calls)$/, "");
  const differing = new Set(all.filter(({ differs }) => differs).map(edge));
  const same = all.filter((row) => !differing.has(edge(row)));
  return el(
    "div",
    { "data-testid": "comparison-figures" },
    sideBySide(titles, all.filter((row) => differing.has(edge(row)))),
    same.length === 0 ? null : el("details", { class: "same" }, el("summary", {}, `${say("compare_same")} (${same.filter((row) => !isDeep(row)).length})`), sideBySide(titles, same)),
  );
}
