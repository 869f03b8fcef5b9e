import fc from "fast-check";

/** A way to damage a history, and what it is called where it was survived. */
export interface Mutation {
  readonly what: string;
  /** The text of the file; what comes out may be the same. */
  apply(text: string): string;
}

const part = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const types = fc.constantFrom(
  ...[
    "ok",
    "fail",
    "info",
    "invoke",
    "fault",
    "topology",
    "replicated",
    "step",
    "observation",
    "end",
    "header",
  ],
);
/** What no field should be, or what another might. */
const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>("x", "never", "", null, true, false, 0, -1, 1, 2, 1.5, 1e308, 2 ** 53, [], {}, [
    [],
  ]),
  fc.constantFrom<unknown>(
    "replicated",
    "expected",
    "completed",
    "primary",
    "ok",
    { ms: -1 },
    ["a>b"],
    [null],
  ),
  fc.integer(),
  fc.string({ maxLength: 8 }),
);

const linesOf = (text: string) => text.split(/(?<=\n)/);
const at = (where: number, length: number) => Math.floor(where * length);

function onLines(what: string, change: (lines: string[]) => readonly string[]): Mutation {
  return { what, apply: (text) => change(linesOf(text)).join("") };
}

const isOf = (type: string) => (line: string) => line.startsWith(`{"type":"${type}"`);

/** Replaces what stands at the end of a path that `where` chooses, at each step one of the names. */
function edited(line: string, where: readonly number[], change: (old: unknown) => unknown): string {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return line;
  }
  let inner = json as Record<string, unknown>;
  for (const [depth, choice] of where.entries()) {
    const names = Object.keys(inner);
    const name = names[at(choice, names.length)];
    if (name === undefined) break;
    const next = inner[name];
    const deeper = typeof next === "object" && next !== null && Object.keys(next).length > 0;
    if (deeper && depth < where.length - 1) inner = next as Record<string, unknown>;
    else {
      const made = change(next);
      if (made === undefined) delete inner[name];
      else inner[name] = made;
      break;
    }
  }
  return `${JSON.stringify(json)}\n`;
}

/** Near what it was: what a slip of the hand, or a hostile one, would write. */
function near(old: unknown): unknown {
  if (typeof old === "number") return old + 1;
  if (typeof old === "string") return old.length > 0 ? `${old.slice(0, -1)}~` : "~";
  if (typeof old === "boolean") return !old;
  return null;
}

const path = fc.array(part, { minLength: 1, maxLength: 4 });

/** Ways to damage a history, each alike. */
export const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  types.map((type) => onLines(`no ${type}`, (lines) => lines.filter((line) => !isOf(type)(line)))),
  fc.tuple(types, part).map(([type, where]) =>
    onLines(`one ${type} less`, (lines) => {
      const own = lines.filter(isOf(type));
      return lines.filter((line) => line !== own[at(where, own.length)]);
    }),
  ),
  fc
    .tuple(part, fc.integer({ min: 1, max: 200 }))
    .map(([where, length]) =>
      onLines(`a block of ${length} cut out`, (lines) => lines.toSpliced(at(where, lines.length), length)),
    ),
  fc.tuple(part, part).map(([one, other]) =>
    onLines("two lines swapped", (lines) => {
      const [a, b] = [at(one, lines.length), at(other, lines.length)];
      return lines.with(a, lines[b] ?? "").with(b, lines[a] ?? "");
    }),
  ),
  part.map((where) =>
    onLines("a line twice", (lines) => {
      const n = at(where, lines.length);
      return lines.toSpliced(n, 0, lines[n] ?? "");
    }),
  ),
  fc.tuple(part, fc.integer({ min: 2, max: 50 })).map(([where, length]) =>
    onLines(`${length} lines turned round`, (lines) => {
      const n = at(where, lines.length);
      return lines.toSpliced(n, length, ...lines.slice(n, n + length).reverse());
    }),
  ),
  fc.tuple(part, path, fc.boolean(), value).map(([where, names, slip, other]) =>
    onLines(slip ? "a value a little different" : `a value that is ${JSON.stringify(other)}`, (lines) => {
      const n = at(where, lines.length);
      return lines.with(n, edited(lines[n] ?? "", names, slip ? near : () => other));
    }),
  ),
  fc.tuple(part, path).map(([where, names]) =>
    onLines("a field less", (lines) => {
      const n = at(where, lines.length);
      return lines.with(
        n,
        edited(lines[n] ?? "", names, () => undefined),
      );
    }),
  ),
  fc.tuple(path, value).map(([names, other]) =>
    onLines(`a header with ${JSON.stringify(other)}`, (lines) =>
      lines.with(
        0,
        edited(lines[0] ?? "", names, () => other),
      ),
    ),
  ),
  value.map((other) =>
    onLines(`expect is ${JSON.stringify(other)}`, ([head = "", ...lines]) => [
      `${JSON.stringify({ ...JSON.parse(head), expect: other })}\n`,
      ...lines,
    ]),
  ),
  fc
    .tuple(path, fc.boolean(), value)
    .map(([names, slip, other]) =>
      onLines("another last line", (lines) =>
        lines.with(-1, edited(lines.at(-1) ?? "", names, slip ? near : () => other)),
      ),
    ),
  part.map(
    (where): Mutation => ({ what: "cut short", apply: (text) => text.slice(0, at(where, text.length)) }),
  ),
  fc.tuple(part, fc.integer({ min: 1, max: 255 })).map(
    ([where, bits]): Mutation => ({
      what: `a byte by ${bits} different`,
      apply: (text) => {
        const bytes = Buffer.from(text);
        const n = at(where, bytes.length);
        bytes[n] = (bytes[n] ?? 0) ^ bits;
        return bytes.toString("latin1");
      },
    }),
  ),
  fc.constantFrom(" ", "\n", "\r", "\t", "0").map(
    (more): Mutation => ({
      what: `${JSON.stringify(more)} more at the end`,
      apply: (text) => text + more,
    }),
  ),
  fc.constantFrom<Mutation>(
    { what: "Windows' ends of lines", apply: (text) => text.replaceAll("\n", "\r\n") },
    { what: "spaces behind commas", apply: (text) => text.replaceAll(",", ", ") },
    { what: "another schema", apply: (text) => text.replace('"schemaVersion":2', '"schemaVersion":1') },
    { what: "no digest", apply: (text) => text.replace(/,"digest":"sha256:[0-9a-f]+"/, "") },
    {
      what: "neither counts nor digest",
      apply: (text) => text.replace(/,"events":\d+,"counts".*(?=}\n$)/, ""),
    },
    { what: "itself twice", apply: (text) => text + text },
  ),
);
