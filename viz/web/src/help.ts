// What the keys and the search do.
import { el } from "./dom";
import { say } from "./texts";
import { KEYS } from "./timeline/keys";

const QUERIES: [string, string][] = [
  ["splice", "page_query_word"],
  ["kind:copy", "page_query_kind"],
  ['from:"page cache"', "page_query_member"],
  ["bytes>=64KiB  dur>1ms", "page_query_number"],
];

export function helpDialog(): HTMLDialogElement {
  const keys = el("dl", { class: "keys" });
  for (const [names, text] of KEYS)
    keys.append(el("div", {}, el("dt", {}, ...names.map((name) => el("kbd", {}, name))), el("dd", {}, say(text))));
  const queries = el("dl", { class: "keys" });
  for (const [example, text] of QUERIES) queries.append(el("div", {}, el("dt", {}, el("code", {}, example)), el("dd", {}, say(text))));
  const dialog = el(
    "dialog",
    { "aria-labelledby": "help-title", "data-testid": "help-dialog" },
    el("h2", { id: "help-title" }, say("page_keys")),
    keys,
    el("h3", {}, say("page_query_help")),
    queries,
    el("p", {}, say("page_query_all")),
    el("form", { method: "dialog" }, el("button", {}, say("page_close"))),
  );
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
  return dialog;
}
