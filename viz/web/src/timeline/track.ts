// A row of the timeline: items in time order, with summaries of 64 and of 4,096 of them, so that what falls into one
// pixel is drawn as one.

export const BLOCK = 64;
const BIG = BLOCK * BLOCK;
export const CLASSES = 4; // colours a row can show

class Growing {
  start = new Float64Array(256);
  end = new Float64Array(256);
  item = new Uint32Array(256);
  colour = new Uint8Array(256);
  length = 0;

  push(start: number, end: number, item: number, colour: number): void {
    if (this.length === this.start.length) {
      const longer = this.length * 2;
      const copy = <T extends { set(from: ArrayLike<number>): void }>(to: T, from: ArrayLike<number>): T => (to.set(from), to);
      this.start = copy(new Float64Array(longer), this.start);
      this.end = copy(new Float64Array(longer), this.end);
      this.item = copy(new Uint32Array(longer), this.item);
      this.colour = copy(new Uint8Array(longer), this.colour);
    }
    this.start[this.length] = start;
    this.end[this.length] = end;
    this.item[this.length] = item;
    this.colour[this.length++] = colour;
  }
}

/** What 64^n items have in common. `busy` is their time by colour, CLASSES numbers a block. */
interface Summary {
  size: number;
  end: Float64Array; // of the latest to end
  reach: Float64Array; // the same, of this and all earlier blocks
  busy: Float32Array;
  seen: Uint8Array; // bit by colour
}

export class Track {
  readonly length: number;
  readonly start: Float64Array;
  readonly end: Float64Array;
  readonly item: Uint32Array;
  readonly colour: Uint8Array;
  readonly summaries: Summary[] = []; // largest blocks first

  private constructor(from: Growing) {
    const n = (this.length = from.length);
    this.start = from.start.slice(0, n);
    this.end = from.end.slice(0, n);
    this.item = from.item.slice(0, n);
    this.colour = from.colour.slice(0, n);
    let sorted = true;
    for (let i = 1; i < n && sorted; ++i) sorted = this.start[i - 1]! <= this.start[i]!;
    if (!sorted) this.sort(from);
    for (const size of [BIG, BLOCK]) this.summaries.push(this.summarize(size));
  }

  static build(fill: (push: Growing["push"]) => void): Track {
    const growing = new Growing();
    fill(growing.push.bind(growing));
    return new Track(growing);
  }

  /** The items that `keep` says yes to. */
  filtered(keep: Uint8Array): Track {
    return Track.build((push) => {
      for (let i = 0; i < this.length; ++i)
        if (keep[this.item[i]!]) push(this.start[i]!, this.end[i]!, this.item[i]!, this.colour[i]!);
    });
  }

  /** The first item from where on `time` can be inside one. */
  firstAt(time: number): number {
    const { reach, size } = this.summaries[1]!;
    let low = 0;
    let high = reach.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (reach[middle]! < time) low = middle + 1;
      else high = middle;
    }
    return Math.min(low * size, this.length);
  }

  /** How many items start before `time` (`after`: or at it). */
  startedBefore(time: number, after = false): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.start[middle]! < time || (after && this.start[middle] === time)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The item under `time`, give or take `slack`: the shortest that holds it, else the nearest; -1 if none. */
  hit(time: number, slack: number): number {
    let best = -1;
    let score = Infinity;
    const most = 20_000; // enough of them under a pointer
    const last = this.startedBefore(time + slack, true);
    for (let i = last - 1; i >= Math.max(0, last - most); --i) {
      if (i % BLOCK === BLOCK - 1 && this.summaries[1]!.reach[(i / BLOCK) | 0]! < time - slack) break;
      const start = this.start[i]!;
      const end = this.end[i]!;
      if (end < time - slack) continue;
      const inside = start <= time && end >= time && end > start;
      const distance = Math.max(start - time, time - end, 0);
      const rank = inside ? (end - start) * 1e-12 : 1 + distance;
      if (rank < score) {
        score = rank;
        best = i;
      }
    }
    return best;
  }

  private sort(from: Growing): void {
    const order = Uint32Array.from({ length: this.length }, (_, i) => i);
    order.sort((a, b) => from.start[a]! - from.start[b]! || a - b);
    for (let i = 0; i < this.length; ++i) {
      const at = order[i]!;
      this.start[i] = from.start[at]!;
      this.end[i] = from.end[at]!;
      this.item[i] = from.item[at]!;
      this.colour[i] = from.colour[at]!;
    }
  }

  private summarize(size: number): Summary {
    const blocks = Math.ceil(this.length / size);
    const summary: Summary = {
      size,
      end: new Float64Array(blocks),
      reach: new Float64Array(blocks),
      busy: new Float32Array(blocks * CLASSES),
      seen: new Uint8Array(blocks),
    };
    let reach = -Infinity;
    for (let block = 0; block < blocks; ++block) {
      let end = -Infinity;
      const past = Math.min((block + 1) * size, this.length);
      for (let i = block * size; i < past; ++i) {
        const colour = this.colour[i]!;
        end = Math.max(end, this.end[i]!);
        summary.busy[block * CLASSES + colour]! += this.end[i]! - this.start[i]!;
        summary.seen[block]! |= 1 << colour;
      }
      reach = Math.max(reach, end);
      summary.end[block] = end;
      summary.reach[block] = reach;
    }
    return summary;
  }
}
