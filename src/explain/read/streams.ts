import type { EventLine, IncidentKind } from "../model.ts";
import { clean } from "./clean.ts";
import type { Own, Ref, Told } from "./phrases/told.ts";
import type { SourceLine } from "./source-line.ts";

/** Something that happened, by the clock and the names of one log. */
export class Draft {
  readonly kind: IncidentKind;
  /** Many lines tell the same: what they tell is kept once. */
  readonly told: Told;
  readonly line: EventLine;
  readonly precisionMs: number;
  /** Whether the line's time is UTC; if not, the stream's zone is still to be taken off. */
  readonly zoned: boolean;
  times = 1;
  /** When it was told last, by the same clock. */
  until: number;

  constructor(kind: IncidentKind, told: Told, line: EventLine, { precisionMs, zoned }: SourceLine) {
    this.kind = kind;
    this.told = told;
    this.line = line;
    this.precisionMs = precisionMs;
    this.zoned = zoned;
    this.until = line.at;
  }

  get subject(): Ref | undefined {
    return this.told.subject;
  }

  get to(): Ref | undefined {
    return this.told.to;
  }

  get teller(): Ref | undefined {
    return this.told.teller;
  }

  get data(): Told["data"] {
    return this.told.data;
  }
}

/** Lines that one process wrote after each other, as far as a file shows that. */
export interface Stream {
  readonly id: number;
  /** File (parts of a rotated one have the same), and what stands before the lines. */
  readonly source: string;
  readonly files: Set<string>;
  readonly label: string;
  readonly pid: number;
  kind: "server" | "sentinel" | "unknown";
  /** It begins with a process that starts. */
  readonly starts: boolean;
  first: number;
  last: number;
  lines: number;
  /** What its local times are ahead of UTC, where something tells. */
  zoneMs?: number;
  /** Some of its times are UTC. */
  zoned: boolean;
  readonly refs: Set<Ref>;
  readonly runIds: Set<string>;
  readonly replIds: Set<string>;
  readonly settings: Map<string, { value: string; line: EventLine }>;
  port?: number;
  version?: string;
  role?: "primary" | "replica";
  drafts: Draft[];
}

/** Where a line was read. */
export interface Reading {
  readonly file: string;
  readonly root: string;
  /** From `==> NAME <==` of `tail` and `head`. */
  readonly header: string;
  readonly lineNo: number;
}

/**
 * A log goes back by no more than that unless another one begins: a clock that is set does so too, and is then found
 * elsewhere.
 */
const BACK_MS = 1000;
const QUARTER_HOUR_MS = 15 * 60_000;
/** More processes than that in one set of logs are not told apart. */
const MOST_STREAMS = 5000;
const SAME_AGAIN_MS = 30_000;
/** Told once for a row of them. */
const IN_ROWS: ReadonlySet<IncidentKind> = new Set<IncidentKind>([
  "connecting-to-primary",
  "sync-failed",
  "partial-sync-impossible",
  "partial-sync-asked",
  "replica-asks",
  "partial-sync-refused",
  "warning",
  "aof-slow",
  "aof-failed",
  "disk-full",
  "save-failed",
  "slow-script",
  "clients-refused",
  "client-dropped",
  "name-not-resolved",
  "config-rewrite-failed",
  "-script-error",
  "+fix-slave-config",
  "votes-counted",
]);

interface Open {
  readonly stream: Stream;
  readonly rows: Map<string, Draft>;
  /** Of its last line. */
  at: number;
  zoned: boolean;
}

/** Puts lines to the processes that wrote them. */
export class Streams {
  readonly all: Stream[] = [];
  /** Lines of processes beyond the most that are told apart. */
  unplaced = 0;
  readonly #open = new Map<string, Open[]>();
  readonly #keepAtMost: (all: readonly Stream[]) => number;
  readonly #most: number;
  #drafts = 0;

  /** @param keepAtMost drops events until at most `most` are left, and tells how many there are */
  constructor(keepAtMost: (all: readonly Stream[]) => number, most: number) {
    this.#keepAtMost = keepAtMost;
    this.#most = most;
  }

  /** Drops what are too many. */
  trim(): void {
    this.#drafts = this.#keepAtMost(this.all);
  }

  take(line: SourceLine, told: Told | undefined, reading: Reading): void {
    const open = this.#openFor(line, told, reading);
    if (open === undefined) {
      this.unplaced += 1;
      return;
    }
    const { stream } = open;
    note(open, line, reading);
    if (told !== undefined) this.#tell(open, told, line, reading);
    if (line.role === "M" || line.role === "S") stream.role = line.role === "M" ? "primary" : "replica";
  }

  #tell(open: Open, told: Told, line: SourceLine, { file, lineNo }: Reading): void {
    const { stream, rows } = open;
    const shown: EventLine = { file, lineNo, at: line.at, level: line.level, text: clean(line.text) };
    own(stream, told.own);
    for (const [name, value] of told.settings ? Object.entries(told.settings) : []) {
      stream.settings.set(name, { value: clean(value, 100), line: shown });
    }
    const { kind } = told;
    if (kind === undefined) return;
    const row = IN_ROWS.has(kind) ? `${kind} ${told.subject ?? ""} ${line.text.slice(0, 40)}` : undefined;
    const before = row === undefined ? undefined : rows.get(row);
    if (before !== undefined && line.at - before.until <= SAME_AGAIN_MS && line.at >= before.until) {
      before.times += 1;
      before.until = line.at;
      return;
    }
    const draft = new Draft(kind, told, shown, line);
    stream.drafts.push(draft);
    this.#drafts += 1;
    if (this.#drafts > 2 * this.#most) this.trim();
    if (row === undefined && rows.size > 0) rows.clear();
    if (row !== undefined && rows.size < 200) rows.set(row, draft);
  }

  #openFor(line: SourceLine, told: Told | undefined, reading: Reading): Open | undefined {
    const source = [reading.root, reading.header, line.label].join("\n");
    let group = this.#open.get(source);
    if (group === undefined) {
      if (this.all.length >= MOST_STREAMS) return undefined;
      group = [];
      this.#open.set(source, group);
    }
    const kind = kindOf(line, told);
    const found =
      group.findLast(({ stream }) => stream.pid === line.pid && fits(stream.kind, kind)) ??
      (line.role === "C" && told?.kind !== "restarted"
        ? group.findLast(({ stream }) => stream.kind === "server")
        : undefined);
    if (found !== undefined && !anew(found, line, told)) {
      if (found.stream.kind === "unknown") found.stream.kind = kind;
      return found;
    }
    if (this.all.length >= MOST_STREAMS) return undefined;
    const stream = newStream(this.all.length, source, line, kind, told);
    this.all.push(stream);
    const open: Open = { stream, rows: new Map(), at: line.at, zoned: line.zoned };
    group.push(open);
    if (group.length > 200) group.shift();
    return open;
  }
}

function kindOf({ role }: SourceLine, told: Told | undefined): Stream["kind"] {
  if (role === "X") return "sentinel";
  if (role === "M" || role === "S") return "server";
  return /^[+-]/.test(told?.kind ?? "") ? "sentinel" : "unknown";
}

function fits(a: Stream["kind"], b: Stream["kind"]): boolean {
  return a === b || a === "unknown" || b === "unknown";
}

/** Whether another process, or another copy of a log, begins with that line. */
function anew({ stream, at, zoned }: Open, line: SourceLine, told: Told | undefined): boolean {
  if (line.zoned === zoned && line.at < at - BACK_MS) return true;
  if (told?.kind === "restarted" && stream.lines > 3) return true;
  const claims = (told?.own?.refs ?? []).filter((ref) => !ref.startsWith("a:"));
  return claims.some((ref) =>
    [...stream.refs].some((one) => one.slice(0, 2) === ref.slice(0, 2) && one !== ref),
  );
}

function newStream(id: number, source: string, line: SourceLine, kind: Stream["kind"], told?: Told): Stream {
  return {
    ...emptyStream(source, kind),
    id,
    label: line.label,
    pid: line.pid,
    starts: told?.kind === "restarted" || line.text.startsWith("WARNING"),
  };
}

/** One of which no line is known. */
export function emptyStream(source: string, kind: Stream["kind"]): Stream {
  return {
    id: -1,
    source,
    files: new Set(),
    label: "",
    pid: 0,
    kind,
    starts: false,
    first: Infinity,
    last: -Infinity,
    lines: 0,
    zoned: false,
    refs: new Set(),
    runIds: new Set(),
    replIds: new Set(),
    settings: new Map(),
    drafts: [],
  };
}

function note(open: Open, line: SourceLine, { file }: Reading): void {
  const { stream } = open;
  if (line.zoned) stream.zoned = true;
  else if (stream.zoneMs === undefined) {
    // The form of times is changed by CONFIG SET: then the line before was written at about the same time.
    const about = line.collectedAt ?? (open.zoned && stream.lines > 0 ? open.at : undefined);
    if (about !== undefined)
      stream.zoneMs = Math.round((line.at - about) / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  }
  const at = utcOf(stream, line.at, line.zoned);
  stream.first = Math.min(stream.first, at);
  stream.last = Math.max(stream.last, at);
  stream.lines += 1;
  stream.files.add(file);
  open.at = line.at;
  open.zoned = line.zoned;
}

/** In UTC, where that is known; else as the clock shows it. */
export function utcOf({ zoneMs = 0 }: Stream, at: number, zoned: boolean): number {
  return zoned ? at : at - zoneMs;
}

function own(stream: Stream, told: Own | undefined): void {
  if (told === undefined) return;
  for (const ref of told.refs ?? []) if (stream.refs.size < 100) stream.refs.add(ref);
  for (const id of told.replIds ?? []) if (stream.replIds.size < 1000) stream.replIds.add(id);
  stream.port = told.port ?? stream.port;
  stream.version = told.version ?? stream.version;
  if (told.mode === "sentinel") stream.kind = "sentinel";
  else if (told.mode !== undefined && stream.kind === "unknown") stream.kind = "server";
}
