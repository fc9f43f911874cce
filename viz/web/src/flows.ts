// What a traced program moved from where to where: a row per flow, sorted by what the reader asks for.
import { el } from "./dom";
import type { Flow, FlowFigures, Flows } from "./report";
import { say } from "./texts";
import { formatBytes, formatCount } from "./units";

const MOST = 100; // rows until all are asked for
export const SYMBOLS = { good: "○", mixed: "◐", transformed: "◈", bad: "●", unknown: "?" };

type Order = "bytes" | "ratio";

/** Biggest first; what is unknown comes last. Those with one end only stay behind the others. */
function sorted(rows: Flow[], order: Order, down: boolean): Flow[] {
  const value = ({ all }: Flow): number => all[order] ?? (down ? -1 : Infinity);
  return [...rows].sort((a, b) => Number(b.linked) - Number(a.linked) || (down ? value(b) - value(a) : value(a) - value(b)));
}

function copies(figures: FlowFigures, linked: boolean): HTMLElement {
  const transforms = figures.transforms ? [el("span", { class: "word transforms" }, figures.transforms)] : [];
  if (!linked) return el("span", {}, figures.copies, ...transforms);
  return el(
    "span",
    { class: `flow-verdict ${figures.tone}` },
    el("span", { "aria-hidden": "true" }, `${SYMBOLS[figures.tone]} `),
    figures.copies,
    el("span", { class: "word" }, say(`page_flow_${figures.tone}`)),
    ...transforms,
  );
}

/** The columns' names go with the cells, for screens on which these stand below each other. */
const cell = (name: string, ...content: (Node | string)[]): HTMLElement =>
  el("td", { class: "number", "data-label": say(name) }, ...content);

const cells = (figures: FlowFigures, linked: boolean): HTMLElement[] => [
  cell("flow_bytes", figures.amount),
  cell("cpu_copies_per_byte", copies(figures, linked)),
  el("td", { "data-label": say("flow_method") }, figures.how),
  cell("page_flow_switches", figures.switches),
  cell("flow_disk", figures.disk),
  cell("flow_cached", figures.cached || "–"),
];

/** Whose it is, where there are several. */
const process = (flow: Flow): HTMLElement[] => (flow.process ? [el("span", { class: "word" }, say("flow_process", flow.process))] : []);
/** Why it has copies, and what would avoid them; in short where that stands above already, of which `said` keeps account. */
const explained = (flow: Flow, said: Set<string>): HTMLElement[] =>
  flow.why.map(({ id, title, why, remedy }) => {
    const row = (...content: HTMLElement[]): HTMLElement => el("tr", { class: "why", "data-rule": id }, el("td", { colspan: 7 }, ...content));
    if (said.has(why)) return row(el("p", {}, say("flow_why_as_above", title)));
    said.add(why);
    return row(
      el("p", {}, el("b", {}, `${say("page_flow_why")}: `), why),
      ...(remedy ? [el("p", {}, el("b", {}, `${say("page_flow_remedy")}: `), remedy)] : []),
    );
  });

/** As a person calls the two, and below it their whole names where they have others. */
const ends = (flow: Flow): HTMLElement[] => [
  el("span", {}, el("span", {}, flow.short_from), " → ", el("span", {}, flow.short_to)),
  ...[[flow.short_from, flow.from], [flow.short_to, flow.to]].flatMap(([short, whole]) => (short !== whole ? [el("span", { class: "word" }, whole!)] : [])),
];

function body(flow: Flow, said: Set<string>): HTMLElement {
  return el(
    "tbody",
    { class: flow.linked ? "linked" : "one-end" },
    el("tr", {}, el("th", { scope: "row" }, ...ends(flow), ...process(flow)), ...cells(flow.all, flow.linked)),
    ...flow.parts.map((part) => el("tr", { class: "part" }, el("th", { scope: "row" }, part.how), ...cells(part, flow.linked))),
    ...explained(flow, said),
  );
}

/** The table, and below it what is in none of its rows. */
export function flowTable({ rows, remarks }: Flows): HTMLElement {
  let order: Order = "bytes";
  let down = true;
  let all = false;
  const table = el("table", { class: "flows", "data-testid": "flow-table" }, el("caption", { class: "unseen" }, say("flows")));
  const heads: [Order, HTMLElement][] = [];
  const sortable = (by: Order, text: string): HTMLElement => {
    const press = (): void => {
      down = order === by ? !down : true;
      order = by;
      draw();
    };
    const head = el("th", { scope: "col" }, el("button", { type: "button", click: press }, say(text), el("span", { class: "order", "aria-hidden": "true" })));
    heads.push([by, head]);
    return head;
  };
  const plain = (text: string): HTMLElement => el("th", { scope: "col" }, say(text));
  const heading = el(
    "tr",
    {},
    plain("flow_from_to"),
    sortable("bytes", "flow_bytes"),
    sortable("ratio", "cpu_copies_per_byte"),
    plain("flow_method"),
    plain("page_flow_switches"),
    plain("flow_disk"),
    plain("flow_cached"),
  );
  const more = el("button", { type: "button", class: "more-flows", "data-testid": "more-flows", click: () => ((all = true), draw()) });
  const draw = (): void => {
    for (const [by, head] of heads) {
      const way = by === order ? (down ? "descending" : "ascending") : "none";
      head.setAttribute("aria-sort", way);
      head.querySelector(".order")!.textContent = { descending: " ▼", ascending: " ▲", none: "" }[way];
    }
    const wanted = sorted(rows, order, down).filter(({ minor }) => all || !minor);
    const shown = wanted.slice(0, all ? rows.length : MOST);
    for (const old of table.querySelectorAll("tbody")) old.remove();
    const said = new Set<string>();
    table.append(...shown.map((flow) => body(flow, said)));
    const left = rows.filter((flow) => !shown.includes(flow));
    more.hidden = left.length === 0;
    more.textContent =
      shown.length < wanted.length
        ? say("page_flows_show_all", formatCount(rows.length))
        : say("page_flows_smaller", formatCount(left.length), formatBytes(left.reduce((sum, { all: { bytes } }) => sum + bytes, 0)));
  };
  table.append(el("thead", {}, heading));
  draw();
  const said = remarks.map(({ label, text, warn }) => el("p", { class: warn ? "warning" : "hint" }, el("b", {}, `${label}: `), text));
  if (rows.length === 0) return el("div", {}, el("p", {}, say("passed_on_nothing")), ...said);
  return el("div", {}, el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": say("flows") }, table), more, ...said);
}
