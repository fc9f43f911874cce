// What a run cost the CPU: a sentence for each side, the flame graph, and the routines as a table.
import { el, save } from "../dom";
import type { CpuSaid } from "../report";
import { say } from "../texts";
import { formatCount } from "../units";
import { type CpuCost, foldedCost, readCost, type Side, stacksOf, treeOf } from "./data";
import { Flame, percent, SAMPLES } from "./flame";
import { legend } from "./legend";

const MOST = 12; // routines in the table

function routines(cost: CpuCost, side: Side): HTMLElement {
  const all = cost.routines.reduce((sum, routine) => sum + routine[side], 0);
  const most = cost.routines.filter((routine) => routine[side] > 0).sort((a, b) => b[side] - a[side]).slice(0, MOST);
  return el(
    "table",
    { "data-testid": "cpu-routines" },
    el("caption", {}, say("page_cpu_routines")),
    el("thead", {}, el("tr", {}, ...["page_cpu_routine", "page_cpu_work", "page_cpu_samples", "page_cpu_part"].map((text) => el("th", { scope: "col" }, say(text))))),
    el(
      "tbody",
      {},
      ...most.map((routine) =>
        el(
          "tr",
          {},
          el("th", { scope: "row" }, el("code", {}, routine.name)),
          el("td", {}, say(`page_cpu_work_${routine.work}`)),
          el("td", { class: "number" }, formatCount(routine[side])),
          el("td", { class: "number" }, percent(routine[side] / Math.max(1, all))),
        ),
      ),
    ),
  );
}

/** The card's content; it fills itself once the samples are unpacked. `stem`: of the name a download gets. */
export function cpuContent(run: number, said: CpuSaid[], stem: string, signal: AbortSignal): HTMLElement {
  const place = el("div");
  const sides = el("fieldset", { class: "switch", "data-testid": "cpu-side" }, el("legend", { class: "unseen" }, say("page_cpu_side")));
  void readCost(run).then((cost) => {
    if (signal.aborted) return;
    const show = (side: Side): void => {
      place.replaceChildren(
        legend(cost.routines.filter((routine) => routine[side] > 0)),
        new Flame(treeOf(stacksOf(cost, side)), say(side), SAMPLES).element,
        el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": say("page_cpu_routines") }, routines(cost, side)),
        el("p", { class: "downloads" }, el("button", { type: "button", "data-testid": "download-folded", click: () => save(new Blob([foldedCost(cost)], { type: "text/plain" }), `${stem}.folded`) }, say("page_cpu_download"))),
      );
    };
    said.forEach(({ side }, i) =>
      sides.append(el("label", {}, el("input", { type: "radio", name: `cpu-side-${run}`, value: side, checked: i === 0, change: () => show(side) }), el("span", {}, say(side)))),
    );
    sides.hidden = said.length < 2;
    show(said[0]!.side);
  });
  return el(
    "div",
    { class: "cpu" },
    el("ul", { class: "cpu-said" }, ...said.map(({ label, text }) => el("li", {}, el("b", {}, label), " ", text))),
    el("div", { class: "bar" }, el("p", { class: "hint" }, say("page_cpu_hint")), sides),
    place,
    el("p", { class: "hint" }, say("page_cpu_stops")),
  );
}
