import { createWriteStream, type WriteStream } from "node:fs";
import { StringDecoder } from "node:string_decoder";

export type StreamName = "stdout" | "stderr";

/** So many of the last lines are kept, to be told where it ends or is never ready. */
const KEPT = 20;
/** A line without end is cut there: nobody reads further. */
const LONGEST = 100_000;

/** What an instance says: every byte goes to a file, every line to who asks, the last lines are kept. */
export class Output {
  readonly #file: WriteStream;
  readonly #onLine: (line: string, stream: StreamName) => void;
  readonly #last: string[] = [];
  #failure: Error | undefined;
  #awaited: RegExp | undefined;
  #hasSaid = false;

  constructor(path: string, onLine: (line: string, stream: StreamName) => void) {
    this.#file = createWriteStream(path, { flags: "a", mode: 0o600 });
    this.#file.on("error", (error) => {
      this.#failure ??= error;
    });
    this.#onLine = onLine;
  }

  /** Why the file is not whole, if it is not. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** The last lines that were said. */
  get last(): readonly string[] {
    return this.#last;
  }

  /** A line of ours, for who reads the file. */
  note(text: string): void {
    this.#file.write(`--- valkey-drill: ${text}\n`);
  }

  /** Takes all that comes by a pipe, until it ends. */
  take(pipe: NodeJS.ReadableStream, stream: StreamName): void {
    const decoder = new StringDecoder("utf8");
    let rest = "";
    const say = (text: string) => {
      const line = text.endsWith("\r") ? text.slice(0, -1) : text;
      this.#last.push(line.slice(0, 2000));
      if (this.#last.length > KEPT) this.#last.shift();
      this.#hasSaid ||= this.#awaited?.test(line) ?? false;
      this.#onLine(line, stream);
    };
    pipe.on("data", (bytes: Buffer) => {
      this.#file.write(bytes);
      const lines = (rest + decoder.write(bytes)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) say(line);
      if (rest.length <= LONGEST) return;
      say(rest);
      rest = "";
    });
    pipe.on("end", () => {
      rest += decoder.end();
      if (rest !== "") say(rest);
    });
    pipe.on("error", () => {}); // it was closed under us: nothing more comes
  }

  /** Begins anew: what was said before was another start's. @param awaited a line to look out for */
  begin(awaited?: RegExp): void {
    this.#last.length = 0;
    this.#awaited = awaited;
    this.#hasSaid = false;
  }

  /** The line that was awaited has come. */
  get hasSaid(): boolean {
    return this.#hasSaid;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#file.closed || this.#failure) return resolve();
      this.#file.once("close", resolve);
      this.#file.end();
    });
  }
}
