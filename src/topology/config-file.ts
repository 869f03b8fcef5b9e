import { DrillError } from "../model/errors.ts";

/** One line of a configuration file that means something. */
export interface Directive {
  /** In lower case: servers take it in any. */
  readonly name: string;
  /** Its arguments, without their quotes. */
  readonly args: readonly string[];
  /** The same as they are written: with quotes and escapes, where they need them. */
  readonly written: readonly string[];
  /** Where it stands: `valkey.conf:12`. */
  readonly place: string;
}

/**
 * The directives of one file, as the server reads them: a line each, arguments by `sdssplitargs` (src/sds.c), comments
 * only at the beginning of a line. `include` is a directive like any other here.
 *
 * @param file for the places and errors
 * @throws DrillError `BAD_CONFIG` with `file:line`
 */
export function parseConfig(text: string, file: string): Directive[] {
  return text
    .replace(/^\uFEFF/, "")
    .split("\n")
    .flatMap((raw, index) => {
      const line = raw.replace(/^[ \t\r]+|[ \t\r]+$/g, "");
      if (line === "" || line.startsWith("#")) return [];
      const place = `${file}:${index + 1}`;
      const words = splitWords(line);
      if (!words) throw new DrillError("BAD_CONFIG", `${place}: quotes are not balanced: ${tellable(line)}`);
      const [name, ...args] = words;
      if (!name?.text) throw new DrillError("BAD_CONFIG", `${place}: the name of the directive is empty`);
      return [
        {
          name: name.text.toLowerCase(),
          args: args.map((word) => word.text),
          written: args.map((word) => word.written),
          place,
        },
      ];
    });
}

/** A line as it may be shown: what may be a secret is left out. */
export function tellable(line: string): string {
  return /pass|auth|user/i.test(line) ? `${line.split(/\s/, 1)[0]} …` : line;
}

/** A word of a line, without its quotes, and as it must be written. */
export interface Word {
  readonly text: string;
  readonly written: string;
}

const WORD = /(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\'|\\(?!'))*'|[^\s"'])+/y;
/** Means the same without quotes. */
const PLAIN = /^[!#-&(-[\]-~]+$/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", a: "\x07" };

/** The words of a line. `undefined`: a quote has no end, or something follows an end without a space. */
export function splitWords(line: string): Word[] | undefined {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    WORD.lastIndex = at;
    const raw = WORD.exec(line)?.[0];
    const text = raw === undefined ? undefined : unquoted(raw);
    if (raw === undefined || text === undefined) return undefined;
    words.push({ text, written: PLAIN.test(text) ? text : raw });
    at += raw.length;
    while (at < line.length && /\s/.test(line[at] as string)) at += 1;
  }
  return words;
}

function unquoted(raw: string): string | undefined {
  let text = "";
  let rest = raw;
  while (rest !== "") {
    const quoted = /^"((?:[^"\\]|\\.)*)"|^'((?:[^'\\]|\\'|\\(?!'))*)'/.exec(rest);
    if (!quoted) {
      text += rest[0];
      rest = rest.slice(1);
      continue;
    }
    const [whole, double, single] = quoted;
    text +=
      double === undefined
        ? (single ?? "").replaceAll("\\'", "'")
        : double.replace(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex: string | undefined, one: string) =>
            hex === undefined ? (ESCAPES[one] ?? one) : String.fromCharCode(Number.parseInt(hex, 16)),
          );
    rest = rest.slice(whole.length);
    if (rest !== "") return undefined; // a closing quote must be followed by a space, or by nothing
  }
  return text;
}

/** Reads a file, or says why it cannot: `undefined` if it is not there. */
export interface ConfigSource {
  read(path: string): Promise<string | undefined>;
  /** The folder in which a server would be started. */
  readonly folder: string;
  resolve(folder: string, path: string): string;
  dirname(path: string): string;
  /** Paths that a pattern of the shell means, sorted. */
  matching(pattern: string): Promise<readonly string[]>;
  /** As a person reads it. */
  shown(path: string): string;
}

/** What a file and all that it includes say, in the order in which a server reads it. */
export interface ReadConfig {
  /** That file, and those that it includes. */
  readonly files: readonly string[];
  readonly directives: readonly Directive[];
  /** What a person should know of how it was read. */
  readonly notes: readonly string[];
}

const MOST_DEEP = 16;

/**
 * Reads a file with everything that it includes, in place, as servers do: a relative `include` is taken from the folder
 * that the last `dir` names, before one from the folder in which the server is started; a pattern may match nothing.
 * Where nothing is there, the folder of the including file is tried, and that is told.
 *
 * @throws DrillError `BAD_CONFIG` with `file:line`: a file that is not there, a loop
 */
export async function readConfig(path: string, source: ConfigSource): Promise<ReadConfig> {
  const notes: string[] = [];
  const files: string[] = [];
  let folder = source.folder;

  const readOne = async (
    at: string,
    from: string | undefined,
    open: readonly string[],
  ): Promise<readonly Directive[]> => {
    const behind = from === undefined ? "" : `${from}: include: `;
    if (open.includes(at)) {
      const loop = [...open.slice(open.indexOf(at)), at].map((one) => source.shown(one)).join(" → ");
      throw new DrillError("BAD_CONFIG", `${behind}these files include each other without end: ${loop}`);
    }
    if (open.length > MOST_DEEP)
      throw new DrillError("BAD_CONFIG", `${behind}files are included more than ${MOST_DEEP} deep`);
    const text = await source.read(at);
    if (text === undefined) {
      const shown = source.shown(at);
      throw new DrillError("BAD_CONFIG", `${behind}there is no file ${shown}`, {
        ...(from !== undefined && { hint: INCLUDE_HINT }),
      });
    }
    files.push(source.shown(at));
    const directives: Directive[] = [];
    for (const directive of parseConfig(text, source.shown(at))) {
      if (directive.name === "dir" && directive.args[0] !== undefined)
        folder = source.resolve(folder, directive.args[0]);
      if (directive.name !== "include") {
        directives.push(directive);
        continue;
      }
      for (const included of await meant(directive, at))
        directives.push(...(await readOne(included, directive.place, [...open, at])));
    }
    return directives;
  };

  const meant = async ({ args, place }: Directive, including: string): Promise<readonly string[]> => {
    const [named = "", ...more] = args;
    if (named === "" || more.length > 0)
      throw new DrillError("BAD_CONFIG", `${place}: include takes one path`);
    const asServer = source.resolve(folder, named);
    const beside = source.resolve(source.dirname(including), named);
    const isPattern = /[*?[]/.test(named);
    const there = async (one: string): Promise<readonly string[]> =>
      isPattern ? source.matching(one) : (await source.read(one)) === undefined ? [] : [one];
    const found = await there(asServer);
    if (found.length > 0 || asServer === beside) return isPattern ? found : [asServer];
    const near = await there(beside);
    if (near.length > 0)
      notes.push(
        `${place}: include ${named} is taken from beside that file; a server takes it from where it is started, or ` +
          `from dir`,
      );
    return near.length > 0 || isPattern ? near : [asServer];
  };

  const directives = await readOne(path, undefined, []);
  return { files, directives, notes };
}

const INCLUDE_HINT =
  "A relative include is taken from the folder that dir names, or in which the server is started. Give its whole path.";
