import { type Place, wrong } from "./line.ts";

/** A piece of EDN or JSON that stands by itself: a value, a text, or a collection with all that is in it. */
export interface Form {
  /** From the opening bracket, quote or first character to behind the last one. Tags and what else stands before it are left out. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** With its tags. */
  readonly taggedStart: number;
}

const CLOSER: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };
const SPACE = /[\s,\ufeff]/;
const ENDS_ATOM = /[\s,()[\]{}";]/;

/** What reads values goes down into them. */
const DEEPEST = 1000;

interface Open {
  readonly bracket: string;
  readonly line: number;
}

/**
 * Goes through EDN or JSON form by form, and says on which line each stands. It knows brackets, texts, comments, tags and
 * characters, and is strict where a library that reads values is lenient: a bracket that is never closed, or closed by another
 * one, is an error. So a file that was cut off is not taken for a whole one.
 *
 * @param from, to - The part of the text to go through, at `line`.
 * @throws DrillError `BAD_RUN`, with the line
 */
export function* formsIn(
  text: string,
  path: string,
  [from, to, line]: readonly [from: number, to: number, line: number] = [0, text.length, 1],
): Generator<Form, void, undefined> {
  let at = from;
  let here = line;
  const placeOf = (): Place => ({ path, line: here });

  /** To the next character that is no space and in no comment. */
  const skip = () => {
    for (; at < to; at += 1) {
      const character = text[at] as string;
      if (character === "\n") here += 1;
      else if (character === ";") {
        const end = text.indexOf("\n", at);
        at = (end < 0 || end > to ? to : end) - 1;
      } else if (!SPACE.test(character)) return;
    }
  };
  const skipText = () => {
    const begun = here;
    for (at += 1; at < to && text[at] !== '"'; at += 1) {
      if (text[at] === "\\") at += 1;
      if (text[at] === "\n") here += 1;
    }
    if (at >= to)
      throw wrong({ path, line: begun }, "the file ends in the middle of a text that begins here");
    at += 1;
  };
  const skipAtom = () => {
    if (text[at] === "\\") at += 2; // a character, which may be a bracket
    while (at < to && !ENDS_ATOM.test(text[at] as string)) at += 1;
  };
  /** Over tags (`#a/b`), and what a reader leaves out (`#_ form`, `^meta form`). `false`: nothing follows. */
  const skipPrefixes = (): boolean => {
    for (;;) {
      skip();
      if (at >= to) return false;
      const [first, second = " "] = [text[at], text[at + 1]];
      if (first === "^" || (first === "#" && second === "_")) {
        at += first === "^" ? 1 : 2;
        if (!skipForm()) throw wrong(placeOf(), "the file ends where something is left out");
      } else if (first === "#" && !'#{"'.includes(second)) {
        skipAtom();
        skip();
        if (at >= to) throw wrong(placeOf(), "the file ends behind a tag");
      } else return true;
    }
  };
  const skipForm = (): Omit<Form, "taggedStart"> | undefined => {
    if (!skipPrefixes()) return undefined;
    if (text[at] === "#" && text[at + 1] !== "#") at += 1; // a set, or a pattern
    const [start, first] = [at, here];
    const open: Open[] = [];
    do {
      if (open.length > 0) skip();
      if (at >= to) {
        const { bracket, line: begun } = open.at(-1) as Open;
        throw wrong({ path, line: begun }, `the file ends in the middle: this ${bracket} is never closed`);
      }
      const character = text[at] as string;
      if (character === '"') skipText();
      else if (CLOSER[character] !== undefined) {
        open.push({ bracket: character, line: here });
        if (open.length > DEEPEST) throw wrong(placeOf(), `brackets are nested more than ${DEEPEST} times`);
        at += 1;
      } else if (character === ")" || character === "]" || character === "}") {
        const last = open.pop();
        if (last === undefined) throw wrong(placeOf(), `${character} closes nothing`);
        if (CLOSER[last.bracket] !== character)
          throw wrong(placeOf(), `${character} closes the ${last.bracket} of line ${last.line}`);
        at += 1;
      } else skipAtom();
    } while (open.length > 0);
    return { start, end: at, line: first };
  };

  for (;;) {
    skip();
    const taggedStart = at;
    const form = skipForm();
    if (form === undefined) return;
    yield { ...form, taggedStart };
  }
}
