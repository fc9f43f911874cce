// What runs: a place between 0 and `end`, by itself or by hand.
export class Clock {
  private place: number;
  private last = 0;
  private frame = 0;
  rate = 1;

  /** Begins at the end, with the finished picture. `changed` hears of each change. */
  constructor(
    private limit: number,
    private readonly changed: () => void,
  ) {
    this.place = limit;
  }

  get at(): number {
    return this.place;
  }
  get end(): number {
    return this.limit;
  }
  get playing(): boolean {
    return this.frame !== 0;
  }

  set end(limit: number) {
    const finished = this.place >= this.limit;
    this.limit = limit;
    this.go(finished ? limit : Math.min(this.place, limit));
  }

  go(to: number): void {
    this.place = Math.min(Math.max(to, 0), this.limit);
    this.changed();
  }

  toggle(): void {
    if (this.playing) return this.stop();
    if (this.place >= this.limit) this.place = 0;
    this.last = performance.now();
    this.frame = requestAnimationFrame((now) => this.tick(now));
    this.changed();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.changed();
  }

  private tick(now: number): void {
    const passed = Math.max(0, now - this.last) / 1000;
    this.last = now;
    this.place = Math.min(this.place + passed * this.rate, this.limit);
    this.frame = this.place < this.limit ? requestAnimationFrame((next) => this.tick(next)) : 0;
    this.changed();
  }
}
