import { DrillError } from "../model/errors.ts";

const NAMES = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
export type SignalName = (typeof NAMES)[number];

/**
 * What becomes of signals to this process: before the command runs they end the start; while it runs they are the
 * command's; after it they change nothing, since all is being stopped anyway. A second one then ends this process, and
 * guardians clear up.
 */
export class Signals {
  readonly #starting = new AbortController();
  readonly #onSignal = (name: NodeJS.Signals) => this.#take(name as SignalName);
  #command: ((name: SignalName, times: number) => void) | undefined;
  #times = 0;
  #over = false;

  constructor() {
    for (const name of NAMES) process.on(name, this.#onSignal);
  }

  /** Aborts the start. Once the command has begun it does not abort any more. */
  get aborted(): AbortSignal {
    return this.#starting.signal;
  }

  /** From now on they are given to that, with how many there have been of the command's. */
  forCommand(take: (name: SignalName, times: number) => void): void {
    this.#times = 0;
    this.#command = take;
  }

  /** The command has ended. */
  over(): void {
    this.#command = undefined;
    this.#over = true;
    this.#times = 0;
  }

  close(): void {
    for (const name of NAMES) process.off(name, this.#onSignal);
  }

  #take(name: SignalName): void {
    this.#times += 1;
    if (this.#command) this.#command(name, this.#times);
    else if (this.#times > 1) process.exit(INTERRUPTED);
    else if (!this.#over)
      this.#starting.abort(new DrillError("INTERRUPTED", `${name}: stopping what was started`));
  }
}

/** As a shell tells of Ctrl-C. */
const INTERRUPTED = 130;
