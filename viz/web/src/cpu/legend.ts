import { el } from "../dom";
import { say } from "../texts";
import type { Work } from "./data";

const WORKS: Work[] = ["copy", "transform", "other", "program"];

/** The colours of those that are there. */
export function legend(there: { work: Work }[], program = "page_cpu_work_program"): HTMLElement {
  const shown = WORKS.filter((work) => there.some((routine) => routine.work === work));
  return el("ul", { class: "flame-legend" }, ...shown.map((work) => el("li", {}, el("span", { class: `frame ${work}` }), say(work === "program" ? program : `page_cpu_work_${work}`))));
}
