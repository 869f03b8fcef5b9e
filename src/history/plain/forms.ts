import type { DrillError } from "../../model/errors.ts";
import { wrong } from "./line.ts";

/** A piece of EDN or JSON that stands by itself: a value, a text, or a collection with all that is in it. */
export interface Form {
  /**
   * From the opening bracket, quote or first character to behind the last one. Tags and what else stands before it are
   * left out.
   */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** With its tags. */
  readonly taggedStart: number;
}

const CLOSER: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const SPACES = /[^\S\n]*[,\ufeff]*/y;
const ATOM = /[^\s,()[\]{}";]*/y;

/** What reads values goes down into them. */
const DEEPEST = 1000;

interface Open {
  readonly bracket: string;
  readonly line: number;
}

/**
 * Goes through EDN or JSON form by form, and says on which line each stands. It knows brackets, texts, comments, tags
 * and characters, and is strict where a library that reads values is lenient: a bracket that is never closed, or closed
 * by another one, is an error. So a file that was cut off is not taken for a whole one.
 *
 * @param part - The part of the text to go through, and the line on which it begins.
 * @throws DrillError `BAD_RUN`, with the line
 */
export function* formsIn(
  text: string,
  path: string,
  part: readonly [from: number, to: number, line: number] = [0, text.length, 1],
): Generator<Form, void, undefined> {
  const scanner = new Scanner(text, path, part);
  for (let form = scanner.next(); form !== undefined; form = scanner.next()) yield form;
}

/** A class, since each operation of a history takes one: its methods are made once. */
class Scanner {
  readonly #text: string;
  readonly #path: string;
  readonly #to: number;
  #at: number;
  #line: number;

  constructor(
    text: string,
    path: string,
    [from, to, line]: readonly [from: number, to: number, line: number],
  ) {
    this.#text = text;
    this.#path = path;
    this.#at = from;
    this.#to = to;
    this.#line = line;
  }

  /** @param depth - How many forms that are left out this one is in. */
  next(depth = 0): Form | undefined {
    this.#skip();
    const taggedStart = this.#at;
    if (!this.#skipPrefixes(depth)) return undefined;
    if (this.#text[this.#at] === "#" && this.#text[this.#at + 1] !== "#") this.#at += 1; // a set, or a pattern
    const [start, line] = [this.#at, this.#line];
    this.#skipForm();
    return { start, end: this.#at, line, taggedStart };
  }

  #wrong(what: string, line = this.#line): DrillError {
    return wrong({ path: this.#path, line }, what);
  }

  #skipAll(what: RegExp): void {
    what.lastIndex = this.#at;
    what.test(this.#text);
    this.#at = Math.min(what.lastIndex, this.#to);
  }

  /** To the next character that is no space and in no comment. */
  #skip(): void {
    const text = this.#text;
    for (let before = -1; this.#at < this.#to && this.#at !== before; ) {
      before = this.#at;
      this.#skipAll(SPACES);
      if (this.#at >= this.#to) return;
      if (text[this.#at] === "\n") {
        this.#line += 1;
        this.#at += 1;
      } else if (text[this.#at] === ";") {
        const end = text.indexOf("\n", this.#at);
        this.#at = end < 0 || end > this.#to ? this.#to : end;
      }
    }
  }

  #skipText(): void {
    const text = this.#text;
    const begun = this.#line;
    for (this.#at += 1; this.#at < this.#to && text[this.#at] !== '"'; this.#at += 1) {
      if (text[this.#at] === "\\") this.#at += 1;
      if (text[this.#at] === "\n") this.#line += 1;
    }
    if (this.#at >= this.#to)
      throw this.#wrong("the file ends in the middle of a text that begins here", begun);
    this.#at += 1;
  }

  #skipAtom(): void {
    if (this.#text[this.#at] === "\\") this.#at += 2; // a character, which may be a bracket
    this.#skipAll(ATOM);
  }

  /** Over tags (`#a/b`), and what a reader leaves out (`#_ form`, `^meta form`). `false`: nothing follows. */
  #skipPrefixes(depth: number): boolean {
    if (depth > DEEPEST) throw this.#wrong(`more than ${DEEPEST} forms are left out in one another`);
    for (;;) {
      this.#skip();
      if (this.#at >= this.#to) return false;
      const [first, second = " "] = [this.#text[this.#at], this.#text[this.#at + 1]];
      if (first === "^" || (first === "#" && second === "_")) {
        this.#at += first === "^" ? 1 : 2;
        if (this.next(depth + 1) === undefined)
          throw this.#wrong("the file ends where something is left out");
      } else if (first === "#" && !'#{"'.includes(second)) {
        this.#skipAtom();
        this.#skip();
        if (this.#at >= this.#to) throw this.#wrong("the file ends behind a tag");
      } else return true;
    }
  }

  #skipForm(): void {
    const open: Open[] = [];
    do {
      if (open.length > 0) this.#skip();
      if (this.#at >= this.#to) {
        const { bracket, line } = open.at(-1) as Open;
        throw this.#wrong(`the file ends in the middle: this ${bracket} is never closed`, line);
      }
      const character = this.#text[this.#at] as string;
      if (character === '"') this.#skipText();
      else if (character in CLOSER) {
        open.push({ bracket: character, line: this.#line });
        if (open.length > DEEPEST) throw this.#wrong(`brackets are nested more than ${DEEPEST} times`);
        this.#at += 1;
      } else if (character === ")" || character === "]" || character === "}") {
        const last = open.pop();
        if (last === undefined) throw this.#wrong(`${character} closes nothing`);
        if (CLOSER[last.bracket] !== character)
          throw this.#wrong(`${character} closes the ${last.bracket} of line ${last.line}`);
        this.#at += 1;
      } else this.#skipAtom();
    } while (open.length > 0);
  }
}
