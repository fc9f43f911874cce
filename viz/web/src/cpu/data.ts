// What a run cost the CPU, as the document has it, and the tree that its stacks make.
import { readJson } from "../unpack";

export type Side = "sender" | "receiver";
export type Work = "other" | "copy" | "transform" | "program";

export interface CpuCost {
  method: string;
  routines: { name: string; work: Work; sender: number; receiver: number }[];
  stacks: { side: Side; samples: number; frames: number[] }[]; // frames: outermost first
  cut: { stacks: number; sender: number; receiver: number };
}

export const readCost = (run: number): Promise<CpuCost> => readJson<CpuCost>(`cpu-${run}`);

/** A routine where it was called by those above it. */
export interface Frame {
  name: string; // of the root and of what was not kept: empty, those who show it have the words
  work: Work;
  samples: number; // in it and in what it called
  own: number;
  depth: number;
  parent: Frame | null;
  children: Frame[]; // most samples first
}

/** The root stands for all samples of the side. */
export function treeOf(cost: CpuCost, side: Side): Frame {
  const child = (parent: Frame | null, name: string, work: Work): Frame => ({
    name,
    work,
    samples: 0,
    own: 0,
    depth: parent ? parent.depth + 1 : 0,
    parent,
    children: [],
  });
  const root = child(null, "", "other");
  const known = new Map<Frame, Map<number, Frame>>();
  for (const stack of cost.stacks) {
    if (stack.side !== side) continue;
    let at = root;
    at.samples += stack.samples;
    for (const number of stack.frames) {
      let called = known.get(at);
      if (!called) known.set(at, (called = new Map()));
      let next = called.get(number);
      if (!next) {
        const { name, work } = cost.routines[number]!;
        next = child(at, name, work);
        called.set(number, next);
        at.children.push(next);
      }
      next.samples += stack.samples;
      at = next;
    }
    at.own += stack.samples;
  }
  if (cost.cut[side] > 0) {
    const rest = child(root, "", "other");
    rest.samples = rest.own = cost.cut[side];
    root.samples += rest.samples;
    root.children.push(rest);
  }
  const sort = (frame: Frame): void => {
    frame.children.sort((a, b) => b.samples - a.samples);
    frame.children.forEach(sort);
  };
  sort(root);
  return root;
}

/** As `zctrace export --format folded` writes it. */
export function foldedStacks(cost: CpuCost): string {
  const clean = (name: string): string => name.replace(/[;\u0000-\u001f]/g, "_");
  const frame = (name: string): string => clean(name) + (name.startsWith("[") ? "" : "_[k]");
  const lines = cost.stacks.map(({ side, frames, samples }) =>
    [clean(cost.method), side, ...frames.map((number) => frame(cost.routines[number]!.name))].join(";") + ` ${samples}`,
  );
  for (const side of ["sender", "receiver"] as const)
    if (cost.cut[side] > 0) lines.push(`${clean(cost.method)};${side};[rare stacks, not kept] ${cost.cut[side]}`);
  return lines.map((line) => line + "\n").join("");
}
