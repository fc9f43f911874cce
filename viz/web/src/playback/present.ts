// The picture alone, as large as the screen: for a talk.
import { el } from "../dom";
import { say } from "../texts";

/** A button, and the key f, that show `stage` alone; Escape or f leads back. Space is for `toggle` there. */
export function present(stage: HTMLElement, toggle: () => void, signal: AbortSignal): HTMLElement {
  const home = el("div", {});
  const dialog = el("dialog", { class: "presenting", "aria-label": say("page_present"), "data-testid": "presenting" });
  const begin = (): void => {
    stage.before(home);
    dialog.append(stage);
    document.body.append(dialog);
    dialog.showModal();
  };
  dialog.addEventListener("close", () => {
    home.replaceWith(stage);
    dialog.remove();
  });
  const writes = (target: EventTarget | null): boolean => target instanceof HTMLInputElement && target.type !== "range" && target.type !== "radio";
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || writes(event.target)) return;
      if (event.key === "f") {
        if (dialog.open) dialog.close();
        else if (!document.querySelector("dialog[open]")) begin();
      } else if (event.key === " " && dialog.open && !(event.target instanceof HTMLButtonElement)) {
        event.preventDefault();
        toggle();
      }
    },
    { signal },
  );
  signal.addEventListener("abort", () => dialog.open && dialog.close());
  return el("button", { type: "button", class: "quiet", "data-testid": "present", title: say("page_key_present"), click: begin }, say("page_present"));
}
