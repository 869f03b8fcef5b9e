/** One step under way. Its first end counts; what is said after it is not shown. */
export interface StepHandle {
  /** What is going on just now; replaces what was said before. Cheap enough for several times a second. */
  update(text: string): void;
  done(text?: string): void;
  skip(text?: string): void;
  fail(text: string): void;
}

/** Tells a person what a drill is doing. Steps come one after the other: a new one ends an open one. */
export interface Progress {
  step(title: string): StepHandle;
  /** A line that stays, such as a warning. */
  note(line: string): void;
  /** Ends an open step as stopped and gives the terminal back. To be awaited before anything else is printed. */
  close(): Promise<void>;
}
