// The diagrams: SVG that zctrace drew, parsed as XML, never as HTML.
import { el, save } from "./dom";
import type { Form } from "./report";
import { say } from "./texts";
import { isDark } from "./theme";

const NARROW = matchMedia("(max-width: 700px)");
export const form = (): Form => (NARROW.matches ? "narrow" : "wide");

/** Calls `act` whenever the screen turns narrow or wide, until `signal`. */
export const onForm = (act: () => void, signal: AbortSignal): void => NARROW.addEventListener("change", act, { signal });

function parse(source: string): SVGSVGElement {
  const parsed = new DOMParser().parseFromString(source, "image/svg+xml");
  const root = parsed.documentElement;
  if (root.localName !== "svg") throw new Error("a diagram is not SVG");
  for (const each of root.querySelectorAll("script, foreignObject")) each.remove();
  return document.importNode(root, true) as unknown as SVGSVGElement;
}

/** The style sheet's colours as attributes, which every program that takes SVG understands. */
function inline(svg: SVGSVGElement, dark: boolean): void {
  const sheet = svg.querySelector("style");
  const colours = new Map<string, Map<string, string>>();
  for (const [, theme, name, property, value] of sheet?.textContent?.matchAll(/(\[data-theme=dark\] )?\.zc \.([\w-]+)\{(fill|stroke):([^}]+)\}/g) ?? []) {
    if (theme !== undefined && !dark) continue;
    const known = colours.get(name!) ?? new Map<string, string>();
    colours.set(name!, known.set(property!, value!));
  }
  for (const part of svg.querySelectorAll("[class]")) {
    for (const name of part.classList)
      for (const [property, value] of colours.get(name) ?? []) part.setAttribute(property, value);
    part.removeAttribute("class");
  }
  svg.removeAttribute("class");
  sheet?.remove();
}

/** A file of its own. */
function standalone(source: string, dark: boolean): string {
  const svg = parse(source);
  inline(svg, dark);
  svg.setAttribute("role", "img");
  // What the page says around the picture is a part of the file.
  const height = svg.dataset.height;
  if (height !== undefined) {
    svg.setAttribute("height", height);
    svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${height}`);
    delete svg.dataset.height;
  }
  for (const part of svg.querySelectorAll("[tabindex]"))
    for (const name of ["tabindex", "role", "aria-label"]) part.removeAttribute(name); // what made it a button
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(svg)}\n`;
}

const SVG = "image/svg+xml";

/** For an editor as a picture where the browser can, and as text for whatever takes text. */
async function copy(text: string): Promise<void> {
  const as = (type: string): Blob => new Blob([text], { type });
  const forms = ClipboardItem.supports(SVG) ? { [SVG]: as(SVG) } : {};
  await navigator.clipboard.write([new ClipboardItem({ ...forms, "text/plain": as("text/plain") })]);
}

/** What copies the diagram in light colours, as documents have it; says below whether it did. */
function copier(source: string, title: string): HTMLElement[] {
  const told = el("span", { class: "hint", role: "status" });
  const press = (): void =>
    void copy(standalone(source, false)).then(
      () => (told.textContent = say("page_copied")),
      () => (told.textContent = say("page_copy_refused")),
    );
  return [
    el("button", { type: "button", class: "quiet", click: press, "data-testid": "copy-svg", "aria-label": `${say("page_copy_svg")}: ${title}` }, say("page_copy_svg")),
    told,
  ];
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

const meet = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The largest part of `room` on one side of `other`. */
function beside(room: Box, other: Box): Box {
  const right = other.x + other.width;
  const bottom = other.y + other.height;
  return [
    { ...room, width: other.x - room.x },
    { ...room, height: other.y - room.y },
    { ...room, x: right, width: room.x + room.width - right },
    { ...room, y: bottom, height: room.y + room.height - bottom },
  ].reduce((best, each) => (Math.min(each.width, each.height) > 0 && each.width * each.height > best.width * best.height ? each : best), {
    ...room,
    width: 0,
    height: 0,
  });
}

/** Makes the room between an arrow and its words a part of the button, as far as nothing of another one stands there. */
function widen(parts: SVGElement[]): void {
  const painted = parts.map((part) =>
    [...part.querySelectorAll<SVGGraphicsElement>("path, line, rect, circle, text")].map((each) => each.getBBox()),
  );
  parts.forEach((part, i) => {
    if (!(part instanceof SVGGElement)) return;
    let room: Box = part.getBBox();
    for (const other of painted.filter((_, j) => j !== i).flat()) if (meet(room, other)) room = beside(room, other);
    if (room.width === 0) return;
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const name of ["x", "y", "width", "height"] as const) rect.setAttribute(name, String(room[name]));
    rect.setAttribute("fill", "none");
    rect.setAttribute("pointer-events", "all");
    part.prepend(rect);
  });
}

/** A diagram alone, as an image. */
export function drawing(source: string): SVGSVGElement {
  const svg = parse(source);
  const title = svg.querySelector(":scope > title")?.textContent ?? "";
  const description = svg.querySelector(":scope > desc")?.textContent ?? "";
  svg.setAttribute("aria-label", description ? `${title}. ${description}` : title);
  svg.setAttribute("role", "img");
  svg.style.setProperty("--height", `${svg.getAttribute("height")}px`);
  return svg;
}

/** A diagram and its download. `choose`: makes its parts that `selector` names into buttons. */
export function picture(
  source: string,
  file: string,
  parts?: { selector: string; hint: HTMLElement; choose: (part: SVGElement) => void },
): HTMLElement {
  const svg = drawing(source);
  const title = svg.querySelector(":scope > title")?.textContent ?? "";
  const chosen = parts ? [...svg.querySelectorAll<SVGElement>(parts.selector)] : [];
  if (chosen.length > 0) svg.setAttribute("role", "group"); // an image would hide the buttons in it
  if (parts) {
    for (const part of chosen) {
      part.setAttribute("tabindex", "0");
      part.setAttribute("role", "button");
      part.removeAttribute("aria-label");
      part.setAttribute("aria-describedby", parts.hint.id); // its name is its title or its text
      part.addEventListener("click", () => parts.choose(part));
      part.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        parts.choose(part);
      });
    }
  }
  queueMicrotask(() => svg.isConnected && widen(chosen));
  const download = el(
    "button",
    { type: "button", class: "quiet", click: () => save(new Blob([standalone(source, isDark())], { type: SVG }), file), "data-testid": "download-svg", "aria-label": `${say("page_download_svg")}: ${title}` },
    say("page_download_svg"),
  );
  return el("figure", {}, svg, el("figcaption", {}, download, ...copier(source, title)));
}
