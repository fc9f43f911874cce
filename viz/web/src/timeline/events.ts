// The events of one document in columns. An item is an event, or a copy folded into a system call: item numbers below
// `count` are events, those from there on are folded copies.

export const KINDS = ["syscall", "copy", "fault", "off_cpu", "softirq", "disk", "transmit", "mark"] as const;
export const ENDS = ["disk", "page cache", "user buffer", "pipe", "socket buffer", "nic", "file"] as const;
export const MOVERS = ["cpu", "dma", "reference", "transform"] as const;
export const SIDES = ["sender", "receiver"] as const;
export const CONTEXTS = ["syscall", "softirq", "worker"] as const;

export const enum Kind {
  syscall,
  copy,
  fault,
  offCpu,
  softirq,
  disk,
  transmit,
  mark,
}

/** Columns as model.h's Event has members; `name` and `via` are indexes into `names`, 0 being "". */
export class Events {
  names: string[] = [""];
  count = 0;
  readonly t: Float64Array;
  readonly dur: Float64Array;
  readonly kind: Uint8Array;
  readonly side: Uint8Array;
  readonly task: Uint32Array;
  readonly cpu: Uint16Array;
  readonly name: Uint32Array;
  readonly via: Uint32Array;
  readonly calls: Uint32Array; // copy: calls; syscall: faults; transmit: segments
  readonly result: Float64Array; // syscall: return value; transmit: headers; fault: 1 from user mode
  readonly bytes: Float64Array; // copy, disk: bytes; transmit: linear
  readonly bytes2: Float64Array; // disk: payload; transmit: paged
  readonly way: Uint8Array; // copy: from | to << 3
  readonly how: Uint8Array; // copy: by | context << 2

  foldedCount = 0;
  owner = new Uint32Array(1024);
  function = new Uint32Array(1024);
  foldedWay = new Uint8Array(1024);
  foldedHow = new Uint8Array(1024);
  foldedCalls = new Uint32Array(1024);
  foldedBytes = new Float64Array(1024);
  foldedAt = new Float64Array(1024);

  constructor(capacity: number) {
    this.t = new Float64Array(capacity);
    this.dur = new Float64Array(capacity);
    this.kind = new Uint8Array(capacity);
    this.side = new Uint8Array(capacity);
    this.task = new Uint32Array(capacity);
    this.cpu = new Uint16Array(capacity);
    this.name = new Uint32Array(capacity);
    this.via = new Uint32Array(capacity);
    this.calls = new Uint32Array(capacity);
    this.result = new Float64Array(capacity);
    this.bytes = new Float64Array(capacity);
    this.bytes2 = new Float64Array(capacity);
    this.way = new Uint8Array(capacity);
    this.how = new Uint8Array(capacity);
  }

  /** Room for one more folded copy; returns its index. */
  fold(): number {
    const index = this.foldedCount++;
    if (index === this.owner.length) {
      const longer = index * 2;
      const grow = <T extends { set(from: ArrayLike<number>): void }>(to: T, from: ArrayLike<number>): T => (to.set(from), to);
      this.owner = grow(new Uint32Array(longer), this.owner);
      this.function = grow(new Uint32Array(longer), this.function);
      this.foldedWay = grow(new Uint8Array(longer), this.foldedWay);
      this.foldedHow = grow(new Uint8Array(longer), this.foldedHow);
      this.foldedCalls = grow(new Uint32Array(longer), this.foldedCalls);
      this.foldedBytes = grow(new Float64Array(longer), this.foldedBytes);
      this.foldedAt = grow(new Float64Array(longer), this.foldedAt);
    }
    return index;
  }

  get items(): number {
    return this.count + this.foldedCount;
  }

  /** The event that an item is or is folded into. */
  eventOf(item: number): number {
    return item < this.count ? item : this.owner[item - this.count]!;
  }
  kindOf(item: number): Kind {
    return item < this.count ? this.kind[item]! : Kind.copy;
  }
  startOf(item: number): number {
    const event = this.eventOf(item);
    return item < this.count ? this.t[event]! : this.t[event]! + this.foldedAt[item - this.count]!;
  }
  endOf(item: number): number {
    return item < this.count ? this.t[item]! + this.dur[item]! : this.startOf(item);
  }
  nameOf(item: number): number {
    return item < this.count ? this.name[item]! : this.function[item - this.count]!;
  }
  /** Payload bytes that the item moved; 0 for what moves none. */
  movedBy(item: number): number {
    if (item >= this.count) return this.foldedBytes[item - this.count]!;
    switch (this.kind[item]) {
      case Kind.copy:
        return this.bytes[item]!;
      case Kind.disk:
        return this.bytes2[item]!;
      case Kind.transmit:
        return this.bytes[item]! + this.bytes2[item]!;
    }
    return 0;
  }
  callsOf(item: number): number {
    if (item >= this.count) return this.foldedCalls[item - this.count]!;
    return this.kind[item] === Kind.copy ? this.calls[item]! : 1;
  }
  wayOf(item: number): number {
    return item < this.count ? this.way[item]! : this.foldedWay[item - this.count]!;
  }
  howOf(item: number): number {
    return item < this.count ? this.how[item]! : this.foldedHow[item - this.count]!;
  }
  /** The folded copies of an event lie next to each other; the first of them, or -1. */
  firstFolded(event: number): number {
    let low = 0;
    let high = this.foldedCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.owner[middle]! < event) low = middle + 1;
      else high = middle;
    }
    return low < this.foldedCount && this.owner[low] === event ? low : -1;
  }
}

export const fromOf = (way: number): number => way & 7;
export const toOf = (way: number): number => way >> 3;
export const byOf = (how: number): number => how & 3;
export const contextOf = (how: number): number => how >> 2;
