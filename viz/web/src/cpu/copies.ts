// Which code copies: the heaviest stacks in words, and the flame graph by bytes.
import { el, save } from "../dom";
import type { StacksSaid } from "../report";
import { say } from "../texts";
import { foldedCopies, readCopies, treeOf } from "./data";
import { COPIED, Flame } from "./flame";
import { legend } from "./legend";

/** The card's content; the graph comes once it is unpacked. `stem`: of the name a download gets. */
export function copiesContent(run: number, said: StacksSaid, stem: string, signal: AbortSignal): HTMLElement {
  const place = el("div");
  void readCopies(run).then((copies) => {
    if (signal.aborted || copies.stacks.length + copies.rest === 0) return;
    place.replaceChildren(
      el("p", { class: "hint" }, say("page_stacks_hint")),
      legend(copies.names, "page_stacks_program"),
      new Flame(treeOf(copies), say("page_stacks_all"), COPIED).element,
      el("p", { class: "downloads" }, el("button", { type: "button", "data-testid": "download-copies", click: () => save(new Blob([foldedCopies(copies)], { type: "text/plain" }), `${stem}.folded`) }, say("page_cpu_download"))),
    );
  });
  return el(
    "div",
    { class: "cpu" },
    el("ol", { class: "stacks-said" }, ...said.list.map(({ amount, lines }) => el("li", {}, el("b", {}, amount), ...lines.map((line) => el("div", {}, line))))),
    ...said.remarks.map((remark) => el("p", {}, remark)),
    place,
  );
}
