// What a tab shows. The address has the panel's name behind its #, and after a / what of the panel it asks for.
export interface Showing {
  at: string; // what the address asks for, empty: nothing of it in particular
  arrived: boolean; // the address led here just now: scroll to it; false: the same is drawn anew
  help: () => void; // shows the keys
  signal: AbortSignal; // the panel is no longer shown
}

export interface Panel {
  readonly name: string; // "run-0"
  /** The words of its tab, in the chosen language. */
  title(): string;
  /** Draws it into `into`, which is empty or holds what was shown before. */
  show(into: HTMLElement, showing: Showing): void;
  /** Whether an address that names no panel asks for a part of this one: "P1". */
  holds?(at: string): boolean;
}
