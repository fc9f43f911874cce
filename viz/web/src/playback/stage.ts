// The playing on the flow diagram: arrows that come, counters beside them, what moves along them, marks that light up.
import { language } from "../texts";
import { formatBytes } from "../units";
import type { Moment, Play } from "./data";

const SVG = "http://www.w3.org/2000/svg";
const calm = matchMedia("(prefers-reduced-motion: reduce)");

interface Arrow {
  group: SVGElement;
  path: SVGPathElement | null;
  packet: SVGCircleElement | null;
  amounts: { text: SVGTextElement; said: string }[]; // what stands beside it in the finished picture
}

export class Stage {
  private readonly arrows: (Arrow | null)[];
  private readonly marks: SVGElement[];

  constructor(
    private readonly svg: SVGSVGElement,
    private readonly play: Play,
  ) {
    const groups = [...svg.querySelectorAll<SVGElement>("[data-edge]")];
    this.arrows = play.ways.map(({ edge }) => {
      const group = groups.find((each) => each.dataset.edge === edge);
      return group ? this.arrow(group) : null;
    });
    this.marks = [...svg.querySelectorAll<SVGElement>(".mark")];
  }

  private arrow(group: SVGElement): Arrow {
    const path = group.querySelector<SVGPathElement>("path[d^=M][fill=none]");
    const colour = path?.getAttribute("class")?.replace(/-line$/, "") ?? "ink";
    const packet = path && document.createElementNS(SVG, "circle");
    if (packet) {
      const reference = colour === "ref" || colour === "dim";
      packet.setAttribute("class", reference ? `packet box ${colour}-line` : `packet ${colour} box-line`);
      packet.setAttribute("r", "8");
      packet.setAttribute("stroke-width", reference ? "3.5" : "2");
      packet.style.display = "none";
      this.svg.append(packet);
    }
    const amounts = [...group.querySelectorAll<SVGTextElement>("text.amount")].map((text) => ({ text, said: text.textContent ?? "" }));
    return { group, path, packet, amounts };
  }

  show({ step: at, part, before }: Moment): void {
    const step = this.play.steps[at];
    const finished = step === undefined;
    this.arrows.forEach((arrow, way) => {
      if (!arrow) return;
      const moving = step?.moved.includes(way) ?? false;
      const bytes = before?.bytes[way] ?? 0;
      arrow.group.style.opacity = finished || moving || bytes > 0 ? "" : "0.22";
      arrow.amounts.forEach(({ text, said }, line) => {
        const now = line > 0 || bytes === 0 ? "" : this.play.ways[way]!.amount[language()].replace("{}", formatBytes(bytes));
        text.textContent = finished ? said : now;
      });
      if (!arrow.packet || !arrow.path) return;
      arrow.packet.style.display = moving ? "" : "none";
      if (!moving) return;
      const point = arrow.path.getPointAtLength(arrow.path.getTotalLength() * (calm.matches ? 0.5 : part));
      arrow.packet.setAttribute("cx", String(point.x));
      arrow.packet.setAttribute("cy", String(point.y));
    });
    for (const mark of this.marks) {
      const { first, last } = mark.dataset;
      const lit = step !== undefined && step.kind !== "rest" && step.mark >= Number(first) && step.mark <= Number(last);
      mark.classList.toggle("lit", lit);
    }
  }
}
