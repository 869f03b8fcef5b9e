import {
  DefaultRenderer,
  ListrDefaultRendererLogLevels as Level,
  Listr,
  ListrLogger,
  ProcessOutput,
} from "listr2";
import { type Paint, painter, wantsColour } from "./colour.ts";
import { formatMs, printable } from "./format.ts";
import type { Progress, StepHandle } from "./progress.ts";

/** Shorter steps do not tell how long they took. */
const TIMED_STEP_MS = 100;

type End = { readonly kind: "done" | "skip" | "fail"; readonly text?: string };

/**
 * Progress that redraws one step at a time. A step has a Listr of its own, and they are drawn one after the
 * other: while one runs it holds back what others write to the stream, so two at once would lose lines.
 */
export function liveOnTerminal(stream: NodeJS.WriteStream): Progress {
  const paint = painter(wantsColour(stream));
  let current: ShownStep | undefined;
  let screen: Screen | undefined;
  let drawn: Promise<void> = Promise.resolve();
  const giveBack = () => screen?.giveBack();
  process.once("exit", giveBack);

  const then = (draw: () => unknown) => {
    drawn = drawn.then(draw).then(
      () => {},
      (error: unknown) => {
        giveBack();
        process.emitWarning(error instanceof Error ? error : String(error));
      },
    );
  };

  return {
    step(title) {
      current?.end({ kind: "done" });
      const step = new ShownStep(oneLine(title), paint);
      current = step;
      then(() => {
        screen = new Screen(stream, stream, { leaveEmptyLine: false });
        return step.draw(screen);
      });
      return step;
    },
    note(line) {
      const text = printable(line);
      if (current?.open) current.note(text);
      else then(() => stream.write(`${text}\n`));
    },
    async close() {
      current?.end({ kind: "skip", text: "stopped" });
      await drawn;
      process.removeListener("exit", giveBack);
    },
  };
}

/** A step's state, kept here so that it may change before and while it is drawn. */
class ShownStep implements StepHandle {
  open = true;
  readonly #title: string;
  readonly #paint: Paint;
  readonly #began = performance.now();
  readonly #ended: Promise<End>;
  #resolve: (end: End) => void = () => {};
  #text = "";
  #notes: string[] = [];
  #redraw: () => void = () => {};

  constructor(title: string, paint: Paint) {
    this.#title = title;
    this.#paint = paint;
    this.#ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  update(text: string): void {
    if (!this.open) return;
    this.#text = oneLine(text);
    this.#redraw();
  }
  done(text?: string): void {
    this.end({ kind: "done", text });
  }
  skip(text?: string): void {
    this.end({ kind: "skip", text: text ?? "skipped" });
  }
  fail(text: string): void {
    this.end({ kind: "fail", text });
  }

  note(line: string): void {
    this.#notes.push(line);
    this.#redraw();
  }

  end(end: End): void {
    if (!this.open) return;
    this.open = false;
    const tookMs = performance.now() - this.#began;
    const took = tookMs >= TIMED_STEP_MS ? this.#paint.faint(formatMs(tookMs)) : "";
    this.#text = [printable(end.text ?? ""), took].filter((part) => part !== "").join("  ");
    this.#resolve(end);
  }

  async draw(screen: ProcessOutput): Promise<void> {
    const { good, bad, doubt, accent, faint } = this.#paint;
    const look: [Level, string, (text: string) => string][] = [
      [Level.COMPLETED, "✓", good],
      [Level.FAILED, "✗", bad],
      [Level.SKIPPED_WITH_COLLAPSE, "–", doubt],
      [Level.OUTPUT, "›", faint],
      [Level.PENDING, "·", accent],
    ];
    const listr = new Listr<object, typeof Redrawing>(
      {
        title: this.#line(),
        rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
        task: async (_context, task) => {
          this.#redraw = () => {
            for (const note of this.#notes.splice(0)) task.output = note;
            task.title = this.#line();
          };
          this.#redraw();
          const { kind } = await this.#ended;
          this.#redraw();
          this.#redraw = () => {};
          if (kind === "skip") task.skip(this.#line());
          if (kind === "fail") throw new Error(this.#line());
        },
      },
      {
        renderer: Redrawing,
        rendererOptions: {
          logger: new ListrLogger({ processOutput: screen, toStderr: [] }),
          icon: Object.fromEntries(look.map(([level, icon]) => [level, icon])),
          color: Object.fromEntries(look.map(([level, , colour]) => [level, colour])),
        },
        exitOnError: false,
        // Its handler of Ctrl-C would end the process before what was started is stopped.
        registerSignalListeners: false,
      },
    );
    await listr.run();
  }

  #line(): string {
    return this.#text === "" ? this.#title : `${this.#title}  ${this.#text}`;
  }
}

/** Can be given back at any time, also when it was already. */
class Screen extends ProcessOutput {
  giveBack(): void {
    if (this.active) this.release();
  }
}

/** Drawn on the stream it is given: Listr would look whether standard output is a terminal. */
class Redrawing extends DefaultRenderer {
  static override nonTTY = true;
}

/** Live text must stay on its line. */
function oneLine(text: string): string {
  return printable(text).replaceAll("\n", " ");
}
