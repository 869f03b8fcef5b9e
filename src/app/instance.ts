import { deadline } from "../base/deadline.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { Observed } from "../model/observed.ts";
import { type Exit, type Guarded, startGuarded } from "./guarded.ts";
import { Output, type StreamName } from "./output.ts";
import { type AppProcess, rssBytesOf } from "./processes.ts";
import { type Readiness, untilReady } from "./ready.ts";

/** What an instance is started by. */
export interface InstanceOptions {
  /** `app-1` */
  readonly name: string;
  readonly command: string;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Where its output goes. */
  readonly logPath: string;
  readonly ready: Readiness;
  readonly stop: { readonly signal: NodeJS.Signals; readonly within: number };
  readonly now: () => number;
  readonly onEvent: (event: Observed["app"]) => void;
  readonly onLine: (line: string, stream: StreamName) => void;
}

/** How long the last output of a command that has ended may take to come. */
const LAST_OUTPUT_MS = 1000;

/** One instance of an application: started, started again, stopped. An end that nobody asked for is told. */
export class AppInstance {
  readonly name: string;
  readonly #options: InstanceOptions;
  readonly #output: Output;
  #start = 0;
  #running: Guarded | undefined;
  /** Somebody asked it to end. */
  #asked = false;
  /** One thing at a time: a restart waits for the start before it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: InstanceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#output = new Output(options.logPath, (line, stream) => options.onLine(line, stream));
  }

  /** Its processes as they live now. */
  processes(): AppProcess[] {
    return this.#running?.processes() ?? [];
  }

  /** Memory of all its processes; undefined where none lives. */
  rssBytes(): number | undefined {
    const processes = this.processes();
    return processes.length === 0 ? undefined : processes.reduce((sum, one) => sum + rssBytesOf(one), 0);
  }

  /**
   * Starts it, and waits until it is ready.
   *
   * @throws DrillError `START_FAILED` if it ended before that, `NOT_READY` if it was not ready in time
   */
  start(signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#begin(signal));
  }

  /** Stops it, and what it left behind if it has ended. */
  stop(withinMs = this.#options.stop.within): Promise<void> {
    return this.#inTurn(() => this.#end(withinMs));
  }

  /** Stops it if it runs, and starts it anew. @throws as `start` */
  restart(signal: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end(this.#options.stop.within);
      await this.#begin(signal);
    });
  }

  /** Ends its log. To be called when it is stopped for good. */
  close(): Promise<void> {
    return this.#output.close();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {}); // told to who asked for it
    return turn;
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const { name, command, cwd, env, ready } = this.#options;
    signal.throwIfAborted();
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const running = await startGuarded({ command, cwd, env, stdio: [...stdio] });
    this.#start += 1;
    this.#running = running;
    this.#asked = false;
    this.#output.begin(ready.stdout);
    this.#output.note(
      `${name} started, pid ${running.pid}${this.#start > 1 ? `, start ${this.#start}` : ""}`,
    );
    this.#tell("started", { pid: running.pid });
    const { stdout, stderr } = running.child;
    if (stdout) this.#output.take(stdout, "stdout");
    if (stderr) this.#output.take(stderr, "stderr");
    const ended = new AbortController();
    void running.exit.then(async (exit) => {
      const at = this.#options.now();
      const byItself = this.#running === running && !this.#asked;
      await lastOutput(running);
      if (byItself) this.#exited(exit, at, running.pid);
      ended.abort(this.#endedEarly(exit));
    });
    try {
      await untilReady(ready, {
        what: name,
        processes: () => running.processes(),
        output: this.#output,
        signal: AbortSignal.any([signal, ended.signal]),
      });
    } catch (error) {
      if (!(error instanceof DrillError) || error.code !== "DEADLINE") throw error;
      throw new DrillError("NOT_READY", `${messageOf(error)}${this.#lastWords()}`, { cause: error });
    }
    this.#tell("ready", { pid: running.pid });
  }

  async #end(withinMs: number): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const { stop } = this.#options;
    const lives = running.processes().length > 0;
    this.#asked = true;
    if (lives) this.#tell("stopping", { pid: running.pid });
    const { killed } = await running.stop(stop.signal, withinMs);
    this.#running = undefined;
    if (lives) this.#tell(killed ? "killed" : "stopped", { pid: running.pid, ...(await running.exit) });
  }

  #exited({ code, signal }: Exit, at: number, pid: number): void {
    this.#output.note(`${this.name} ended by itself (${shown({ code, signal })})`);
    this.#tell("exited", { at, pid, code, signal, lastLines: [...this.#output.last] });
  }

  #tell(event: Observed["app"]["event"], more: Partial<Observed["app"]>): void {
    const { name, now, onEvent } = this.#options;
    onEvent({ instance: name, event, at: now(), start: this.#start, ...more });
  }

  #endedEarly(exit: Exit): DrillError {
    const { name, command } = this.#options;
    const message = `${name} (${command}) ended before it was ready: ${shown(exit)}${this.#lastWords()}`;
    return new DrillError("START_FAILED", message, { hint: hintFor(exit, this.#output.last) });
  }

  #lastWords(): string {
    const { last } = this.#output;
    const said = last.length === 0 ? "It printed nothing." : "Its last lines:";
    return `\n${said}${last.map((line) => `\n  ${line}`).join("")}\nAll of them: ${this.#options.logPath}`;
  }
}

/** `exit code 1`, `SIGSEGV` */
export function shown({ code, signal }: Exit): string {
  return signal ?? `exit code ${code}`;
}

/** Resolves when its pipes have ended; children that it left behind may hold them open for ever. */
async function lastOutput({ child }: Guarded): Promise<void> {
  let end = () => {};
  await new Promise<void>((resolve) => {
    if (child.stdout?.closed !== false && child.stderr?.closed !== false) return resolve();
    child.once("close", () => resolve());
    end = deadline(LAST_OUTPUT_MS, resolve);
  });
  end();
}

/** Exit codes of a shell: POSIX, "Exit Status for Commands". */
function hintFor({ code }: Exit, lines: readonly string[]): string | undefined {
  if (code === 127)
    return "The shell found no such command: is it on PATH, and is the folder (cwd) the right one?";
  if (code === 126) return "The shell could not run it: is the file executable?";
  if (lines.some((line) => /EADDRINUSE|address already in use/i.test(line)))
    return "It must listen at the port that it is given, in PORT or by {{port}}: each instance has its own.";
  return undefined;
}
