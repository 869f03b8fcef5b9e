/** A line of a node's log. */
export interface LogLine {
  /** Wall clock in ms since 1970, as the node wrote it down. */
  readonly wallMs: number;
  /** Whether the line tells its time zone; if not, `wallMs` takes the local time for UTC. */
  readonly zoned: boolean;
  readonly level: "." | "-" | "*" | "#";
  readonly text: string;
  /** Process that wrote it. */
  readonly pid: number;
  /**
   * `X`: a Sentinel; `M`: a primary; `S`: a replica; `C`: a child process, or one that does not know yet what it is.
   */
  readonly role: "X" | "M" | "S" | "C";
}

const LINE = /^(\d+):([XCSM]) (.+?) ([.\-*#]) (.*)$/;
/** With `log-format logfmt` (8.1 and later). A quote in the message is written as `'`, a line break as a space. */
const LOGFMT =
  /^pid=(\d+) role=(\S+) timestamp="(.*?)" level=(debug|verbose|info|notice|warning) message="(.*)"$/;
const ROLES: Readonly<Record<string, LogLine["role"]>> = { sentinel: "X", primary: "M", replica: "S" };
const LEVELS = { debug: ".", verbose: "-", info: "-", notice: "*", warning: "#" } as const;
const LEGACY = /^(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2})\.(\d{3})$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const QUARTER_HOUR_MS = 15 * 60_000;

/**
 * The lines of a log as valkey-server and Sentinel write it, in either `log-format` and with the time in any of the
 * three forms of `log-timestamp-format`, which may change from line to line
 * (https://github.com/valkey-io/valkey/blob/8.1/valkey.conf, `serverLogRaw` of src/server.c). A line that does not
 * begin so (of a crash report, say) belongs to the one before it.
 */
export function parseLog(text: string): LogLine[] {
  const lines: LogLine[] = [];
  for (const raw of text.split("\n")) {
    if (raw.trim() === "") continue;
    const line = parseLogLine(raw);
    const before = lines.at(-1);
    if (line !== undefined) lines.push(line);
    else if (before !== undefined) lines.push({ ...before, text: raw });
  }
  return lines;
}

/** One such line, from its first character to its last; `undefined`: it does not begin so. */
export function parseLogLine(raw: string): LogLine | undefined {
  return legacyLine(raw) ?? logfmtLine(raw);
}

/**
 * The same lines with their times in UTC. A line that does not tell its zone is of the node's own, which is known from
 * another line at the same time: zones differ by quarters of an hour.
 *
 * @param about when a line was written, by another clock, to a few minutes; `undefined`: not known
 * @returns `zoneMs`: how far the node's clock is ahead of UTC; absent: no line needed it, or nothing tells it
 */
export function inUtc(
  lines: readonly LogLine[],
  about: (line: LogLine) => number | undefined,
): { readonly lines: LogLine[]; readonly zoneMs?: number } {
  const zoneMs = zoneOf(lines, about) ?? zoneOf(lines, (_, at) => nearestZoned(lines, at));
  if (zoneMs === undefined) return { lines: [...lines] };
  return {
    zoneMs,
    lines: lines.map((line) => (line.zoned ? line : { ...line, zoned: true, wallMs: line.wallMs - zoneMs })),
  };
}

function zoneOf(
  lines: readonly LogLine[],
  about: (line: LogLine, at: number) => number | undefined,
): number | undefined {
  for (const [at, line] of lines.entries()) {
    const knownMs = line.zoned ? undefined : about(line, at);
    if (knownMs !== undefined) return Math.round((line.wallMs - knownMs) / QUARTER_HOUR_MS) * QUARTER_HOUR_MS;
  }
  return undefined;
}

/** The form changes by CONFIG SET: then the line before, or after, was written at about the same time. */
function nearestZoned(lines: readonly LogLine[], at: number): number | undefined {
  return [lines[at - 1], lines[at + 1]].find((line) => line?.zoned)?.wallMs;
}

function legacyLine(raw: string): LogLine | undefined {
  const [, pid, role, time = "", level, text = ""] = LINE.exec(raw) ?? [];
  const at = timeOf(time);
  if (!at) return undefined;
  return { ...at, level: level as LogLine["level"], text, pid: Number(pid), role: role as LogLine["role"] };
}

function logfmtLine(raw: string): LogLine | undefined {
  const [, pid, role = "", time = "", level, text = ""] = LOGFMT.exec(raw) ?? [];
  const at = timeOf(time);
  if (!at) return undefined;
  const written = { level: LEVELS[level as keyof typeof LEVELS], text, pid: Number(pid) };
  return { ...at, ...written, role: ROLES[role] ?? "C" };
}

function timeOf(time: string): Pick<LogLine, "wallMs" | "zoned"> | undefined {
  const legacy = LEGACY.exec(time);
  if (legacy) {
    const [day = 0, , year = 0, hour = 0, minute = 0, second = 0, millis] = legacy.slice(1).map(Number);
    const month = MONTHS.indexOf(legacy[2] ?? "");
    // A day or an hour that there is not would be counted on into the next.
    const isTime = month >= 0 && day >= 1 && day <= 31 && hour <= 23 && minute <= 59 && second <= 60;
    return isTime
      ? { wallMs: Date.UTC(year, month, day, hour, minute, second, millis), zoned: false }
      : undefined;
  }
  const wallMs = /^\d{13}$/.test(time) ? Number(time) : Date.parse(time);
  return Number.isNaN(wallMs) ? undefined : { wallMs, zoned: true };
}
