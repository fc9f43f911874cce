// Which events stand in which row: a group of rows per task, then the devices.
import { say } from "../texts";
import { Events, Kind, SIDES, byOf } from "./events";
import { Track } from "./track";

export type Ink = "kernel" | "call" | "cpu" | "dma" | "ref" | "transform" | "warn" | "soft" | "softer" | "idle" | "forced" | "ink" | "other";

export interface Row {
  id: string;
  label: () => string;
  height: number;
  inks: Ink[]; // by colour number
  track: Track;
  style: "block" | "tick" | "band";
  /** band: from when to when the task is there, and when it has no CPU */
  span?: [number, number];
  away?: Track;
}

export interface Group {
  id: string;
  label: () => string;
  rows: Row[];
}

const MOST_TASKS = 24; // rows for the busiest; the rest share a group
const MOVER_INKS: Ink[] = ["cpu", "dma", "ref", "transform"];

interface Task {
  id: number;
  calls: number;
  events: number;
  sides: [number, number];
  first: number;
  last: number;
}

function tasksOf(events: Events): Map<number, Task> {
  const tasks = new Map<number, Task>();
  for (let i = 0; i < events.count; ++i) {
    const kind = events.kind[i] as Kind;
    if (kind === Kind.disk || kind === Kind.transmit || kind === Kind.mark) continue;
    const id = events.task[i]!;
    let task = tasks.get(id);
    if (!task) tasks.set(id, (task = { id, calls: 0, events: 0, sides: [0, 0], first: events.t[i]!, last: 0 }));
    ++task.events;
    if (kind === Kind.syscall) {
      ++task.calls;
      ++task.sides[events.side[i]!]!; // its calls tell; copies in softirq are done on any task
    }
    task.first = Math.min(task.first, events.t[i]!);
    task.last = Math.max(task.last, events.t[i]! + events.dur[i]!);
  }
  return tasks;
}

/** The rows of one task, or of all kernel tasks; those without an item are left out. The band of the modes is for a
 *  task all of whose calls are known. */
function taskRows(events: Events, key: string, member: (event: number) => boolean, task: Task | null): Row[] {
  const indexes: number[] = [];
  for (let i = 0; i < events.count; ++i) if (member(i)) indexes.push(i);
  const of = (kind: Kind, colour: (event: number) => number): Track =>
    Track.build((push) => {
      for (const i of indexes) if (events.kind[i] === kind) push(events.t[i]!, events.t[i]! + events.dur[i]!, i, colour(i));
    });
  const calls = of(Kind.syscall, () => 0);
  const copies = Track.build((push) => {
    for (const i of indexes) {
      if (events.kind[i] === Kind.copy) push(events.t[i]!, events.t[i]!, i, byOf(events.how[i]!));
      if (events.kind[i] !== Kind.syscall) continue;
      for (let f = events.firstFolded(i); f >= 0 && f < events.foldedCount && events.owner[f] === i; ++f)
        push(events.t[i]! + events.foldedAt[f]!, events.t[i]! + events.foldedAt[f]!, events.count + f, byOf(events.foldedHow[f]!));
    }
  });
  const away = of(Kind.offCpu, (i) => (events.names[events.name[i]!] === "involuntary" ? 1 : 0));
  const faults = of(Kind.fault, () => 0);
  const softirq = of(Kind.softirq, (i) => (/^NET/.test(events.names[events.name[i]!]!) ? 0 : 1));
  const row = (id: string, height: number, style: Row["style"], inks: Ink[], track: Track): Row => ({
    id: `${key}/${id}`,
    label: () => say(`page_row_${id}`),
    height,
    inks,
    track,
    style,
  });
  const rows: Row[] = [];
  if (task && calls.length > 0)
    rows.push({ ...row("mode", 8, "band", ["kernel"], calls), span: [task.first, task.last], away });
  rows.push(
    row("calls", 24, "block", ["call"], calls),
    row("copies", 16, "tick", MOVER_INKS, copies),
    row("faults", 12, "tick", ["warn"], faults),
    row("softirq", 12, "block", ["soft", "softer"], softirq),
    row("off_cpu", 12, "block", ["idle", "forced"], away),
  );
  return rows.filter((each) => each.track.length > 0);
}

function deviceGroups(events: Events): Group[] {
  const groups: Group[] = [];
  const single = (id: string, label: () => string, rows: Row[]): void => {
    groups.push({ id, label, rows });
  };
  const marks = Track.build((push) => {
    for (let i = 0; i < events.count; ++i) if (events.kind[i] === Kind.mark) push(events.t[i]!, events.t[i]!, i, 0);
  });
  const disk = diskRows(events);
  if (disk.length > 0) single("disk", () => say("page_lane_disk"), disk);
  const devices = new Set<number>();
  for (let i = 0; i < events.count; ++i) if (events.kind[i] === Kind.transmit) devices.add(events.name[i]!);
  for (const device of [...devices].slice(0, MOST_TASKS)) {
    const track = Track.build((push) => {
      for (let i = 0; i < events.count; ++i)
        if (events.kind[i] === Kind.transmit && events.name[i] === device) push(events.t[i]!, events.t[i]!, i, 0);
    });
    const id = `transmit/${device}`;
    const label = (): string => say("page_lane_transmit", events.names[device]!);
    single(id, label, [{ id, label, height: 18, inks: ["dma"], track, style: "tick" }]);
  }
  if (marks.length > 0) {
    const label = (): string => say("page_lane_marks");
    single("marks", label, [{ id: "marks", label, height: 14, inks: ["ink"], track: marks, style: "tick" }]);
  }
  return groups;
}

/** Requests overlap: each goes to the first of a few rows that is free. */
function diskRows(events: Events): Row[] {
  const DEPTH = 4;
  const free = new Array<number>(DEPTH).fill(-Infinity);
  const tracks: number[][] = free.map(() => []);
  for (let i = 0; i < events.count; ++i) {
    if (events.kind[i] !== Kind.disk) continue;
    let row = free.findIndex((until) => until <= events.t[i]!);
    if (row < 0) row = DEPTH - 1;
    free[row] = events.t[i]! + events.dur[i]!;
    tracks[row]!.push(i);
  }
  return tracks
    .filter((track) => track.length > 0)
    .map((track, i) => ({
      id: `disk/${i}`,
      label: () => (i === 0 ? say("page_lane_disk") : ""),
      height: 12,
      inks: ["dma"] as Ink[],
      style: "block" as const,
      track: Track.build((push) => {
        for (const event of track) push(events.t[event]!, events.t[event]! + events.dur[event]!, event, 0);
      }),
    }));
}

/** All groups, the sender's tasks first. Where events are missing, a gap between calls need not be user mode. */
export function lanesOf(events: Events, whole: boolean): Group[] {
  const tasks = [...tasksOf(events).values()];
  const own = tasks
    .filter((task) => task.id !== 0 && task.calls > 0)
    .sort((a, b) => b.events - a.events)
    .slice(0, MOST_TASKS)
    .map((task) => ({ task, side: task.sides[0] >= task.sides[1] ? 0 : 1 }))
    .sort((a, b) => a.side - b.side || a.task.id - b.task.id);
  const chosen = new Set(own.map(({ task }) => task.id));
  const groups: Group[] = own.map(({ task, side }) => ({
    id: `task/${task.id}`,
    label: () => say("page_lane_task", say(SIDES[side]!), String(task.id)),
    rows: taskRows(events, `task/${task.id}`, (i) => events.task[i] === task.id, whole ? task : null),
  }));
  const rest = taskRows(events, "others", (i) => !chosen.has(events.task[i]!), null);
  if (rest.length > 0) groups.push({ id: "others", label: () => say("page_lane_others"), rows: rest });
  return [...groups, ...deviceGroups(events)];
}
