// What a run cost the CPU, as the document has it, and the tree that its stacks make.
import { plain } from "../texts";
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

/** What a flame graph is made of: stacks, and how much each weighs. */
export interface Stacks {
  names: { name: string; work: Work; kernel: boolean }[];
  stacks: { weight: number; frames: number[] }[]; // frames: outermost first
  rest: number; // of which no stack is known
}

export const readCopies = (run: number): Promise<Stacks> => readJson<Stacks>(`copies-${run}`, (_, value: unknown) => (typeof value === "string" ? plain(value) : value));

export const stacksOf = (cost: CpuCost, side: Side): Stacks => ({
  names: cost.routines.map(({ name, work }) => ({ name, work, kernel: !name.startsWith("[") })),
  stacks: cost.stacks.filter((stack) => stack.side === side).map(({ samples, frames }) => ({ weight: samples, frames })),
  rest: cost.cut[side],
});

/** A routine where it was called by those above it. */
export interface Frame {
  name: string; // of the root and of what was not kept: empty, those who show it have the words
  work: Work;
  weight: number; // in it and in what it called
  own: number;
  depth: number;
  parent: Frame | null;
  children: Frame[]; // the heaviest first
}

/** The root stands for all. */
export function treeOf({ names, stacks, rest }: Stacks): Frame {
  const child = (parent: Frame | null, name: string, work: Work): Frame => ({
    name,
    work,
    weight: 0,
    own: 0,
    depth: parent ? parent.depth + 1 : 0,
    parent,
    children: [],
  });
  const root = child(null, "", "other");
  const known = new Map<Frame, Map<number, Frame>>();
  for (const stack of stacks) {
    let at = root;
    at.weight += stack.weight;
    for (const number of stack.frames) {
      let called = known.get(at);
      if (!called) known.set(at, (called = new Map()));
      let next = called.get(number);
      if (!next) {
        const { name, work } = names[number]!;
        next = child(at, name, work);
        called.set(number, next);
        at.children.push(next);
      }
      next.weight += stack.weight;
      at = next;
    }
    at.own += stack.weight;
  }
  if (rest > 0) {
    const other = child(root, "", "other");
    other.weight = other.own = rest;
    root.weight += rest;
    root.children.push(other);
  }
  const sort = (frame: Frame): void => {
    frame.children.sort((a, b) => b.weight - a.weight);
    frame.children.forEach(sort);
  };
  sort(root);
  return root;
}

const clean = (name: string): string => name.replace(/[;\u0000-\u001f]/g, "_");

/** As `zctrace export --format folded` writes them, below `callers`. */
function folded({ names, stacks }: Stacks, callers: string[]): string[] {
  const frame = (number: number): string => clean(names[number]!.name) + (names[number]!.kernel ? "_[k]" : "");
  return stacks.map(({ frames, weight }) => [...callers.map(clean), ...frames.map(frame)].join(";") + ` ${weight}`);
}

export function foldedCost(cost: CpuCost): string {
  const sides = ["sender", "receiver"] as const;
  const lines = cost.stacks.flatMap((stack) => folded(stacksOf({ ...cost, stacks: [stack] }, stack.side), [cost.method, stack.side]));
  for (const side of sides)
    if (cost.cut[side] > 0) lines.push(`${clean(cost.method)};${side};[rare stacks, not kept] ${cost.cut[side]}`);
  return lines.map((line) => line + "\n").join("");
}

export const foldedCopies = (copies: Stacks): string =>
  [...folded(copies, []), ...(copies.rest > 0 ? [`[stack not known] ${copies.rest}`] : [])].map((line) => line + "\n").join("");
