import { liveOnTerminal } from "./live-terminal.ts";

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

export interface ProgressOptions {
  /** Standard error, so that standard output holds nothing but the report. */
  readonly stream: NodeJS.WriteStream;
  /** Redraw in place; otherwise plain lines with the time. */
  readonly tty: boolean;
  /** Say nothing. */
  readonly quiet: boolean;
}

/** A log is read later: a line now and then tells as much as five a second. */
const PLAIN_UPDATE_INTERVAL_MS = 5_000;

/** Progress as fits where it goes: redrawn on a terminal, plain lines elsewhere, nothing when quiet. */
export function liveProgress(options: ProgressOptions): Progress {
  if (options.quiet) return silent;
  return options.tty ? liveOnTerminal(options.stream) : plainLines(options.stream);
}

/** `[  1.234 s] start 6 nodes: ready`. */
function plainLines(stream: NodeJS.WritableStream): Progress {
  const began = performance.now();
  let open: StepHandle | undefined;
  let stop: (() => void) | undefined;
  const line = (text: string) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(3).padStart(7);
    stream.write(`[${seconds} s] ${text}\n`);
  };
  const step = (title: string): StepHandle => {
    open?.done();
    let ended = false;
    let saidAt = performance.now();
    const end = (text: string) => {
      if (!ended) line(`${title}: ${text}`);
      ended = true;
    };
    line(title);
    const handle: StepHandle = {
      update(text) {
        if (ended || performance.now() - saidAt < PLAIN_UPDATE_INTERVAL_MS) return;
        saidAt = performance.now();
        line(`${title}: ${text}`);
      },
      done: (text = "done") => end(text),
      skip: (text) => end(text === undefined ? "skipped" : `skipped: ${text}`),
      fail: (text) => end(`failed: ${text}`),
    };
    open = handle;
    stop = () => end("stopped");
    return handle;
  };
  return {
    step,
    note: line,
    close: async () => stop?.(),
  };
}

const silentStep: StepHandle = { update() {}, done() {}, skip() {}, fail() {} };
const silent: Progress = { step: () => silentStep, note() {}, close: async () => {} };
