// Chains of a traced program's flows: what one process put into a pipe or a connection, and another took out of it.
import { el } from "./dom";
import { SYMBOLS } from "./flows";
import type { Chain, Chains, ChainStep } from "./report";
import { say } from "./texts";

const step = (one: ChainStep, row: string): HTMLElement =>
  el(
    "tr",
    { class: row },
    el("th", { scope: "row" }, one.how, ...(one.process ? [el("span", { class: "word" }, say("flow_process", one.process))] : [])),
    el("td", { class: "number", "data-label": say("flow_bytes") }, one.amount),
    el(
      "td",
      { class: "number", "data-label": say("cpu_copies_per_byte") },
      el("span", { class: `flow-verdict ${one.tone}` }, el("span", { "aria-hidden": "true" }, `${SYMBOLS[one.tone]} `), one.copies),
    ),
  );

/** Its ends, the whole way, each flow of it, and why no total is told. */
const body = (chain: Chain): HTMLElement =>
  el(
    "tbody",
    {},
    el("tr", { class: "ends" }, el("th", { scope: "rowgroup", colspan: 3 }, ...chain.ends.flatMap((end, i) => [i > 0 ? " → " : "", el("span", {}, end)]))),
    step(chain.whole, "whole"),
    ...chain.steps.map((one) => step(one, "part")),
    ...(chain.why_unknown ? [el("tr", { class: "why" }, el("td", { colspan: 3 }, chain.why_unknown))] : []),
  );

export function chainTable({ list, left }: Chains): HTMLElement {
  const plain = (text: string): HTMLElement => el("th", { scope: "col" }, say(text));
  return el(
    "div",
    {},
    el("p", { class: "hint" }, say("chains_hint")),
    el(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": say("chains") },
      el(
        "table",
        { class: "flows chains", "data-testid": "chain-table" },
        el("caption", { class: "unseen" }, say("chains")),
        el("thead", {}, el("tr", {}, plain("flow_method"), plain("flow_bytes"), plain("cpu_copies_per_byte"))),
        ...list.map(body),
      ),
    ),
    ...(left ? [el("p", { class: "hint" }, left)] : []),
  );
}
