import { liveOnTerminal } from "./live-terminal.ts";
import type { Progress, StepHandle } from "./progress.ts";

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
