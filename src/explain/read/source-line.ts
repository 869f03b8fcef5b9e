import { parseLogLine } from "../../base/log-lines.ts";
import type { LogLine } from "../model.ts";
import { clean, withoutColours } from "./clean.ts";
import { unwrapped } from "./json-line.ts";
import { labelOf, readTime, SYSLOG_ALONE } from "./prefix.ts";

/** A line of a log, and what stood before it. */
export interface SourceLine extends Omit<LogLine, "file" | "lineNo" | "at"> {
  readonly at: number;
  /** Whether `at` is UTC. */
  readonly zoned: boolean;
  /** Host, container, pod: by what stands before the line; empty: nothing. */
  readonly label: string;
  /** The time of whoever collected the line, in UTC; absent: it tells none, or no zone. */
  readonly collectedAt?: number;
}

/** Where the line proper begins, in either `log-format`. */
const BEGIN =
  /\d{1,10}:[XCSM] (?=\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:|\d{4}-\d\d-\d\dT|\d{13} )|pid=\d+ role=\S+ timestamp="/;
/** What stands before a line is short, and quotes nothing. */
const LONGEST_PREFIX = 300;
const BEFORE = /^[^"'`]*\s$/;

/**
 * A line as it stands in a file, with whatever a collector put before it; `undefined`: it is none of a server or
 * Sentinel.
 *
 * @param now for a year that is missing
 */
export function sourceLine(raw: string, now: number): SourceLine | undefined {
  const wrapped = raw.startsWith("{") ? unwrapped(raw) : undefined;
  const line = withoutColours(wrapped?.message ?? raw).trimEnd();
  const inner =
    alone(line) ?? behindPrefix(line) ?? bySignal(line) ?? bySyslog(line, now) ?? unnamed(line, wrapped);
  if (inner === undefined || wrapped === undefined) return inner;
  const label = [wrapped.label, inner.label].filter((part) => part !== "").join(" ");
  return { ...inner, label, collectedAt: wrapped.at ?? inner.collectedAt };
}

function alone(line: string): SourceLine | undefined {
  const found = parseLogLine(line);
  if (found === undefined) return undefined;
  const { wallMs, zoned, role, pid, level, text } = found;
  return { at: wallMs, precisionMs: 1, zoned, role, pid, level, text, label: "" };
}

function behindPrefix(line: string): SourceLine | undefined {
  const begin = line.slice(0, LONGEST_PREFIX + 60).search(BEGIN);
  if (begin <= 0) return undefined;
  const prefix = line.slice(0, begin);
  const inner = BEFORE.test(prefix) ? alone(line.slice(begin)) : undefined;
  if (inner === undefined) return undefined;
  const time = readTime(prefix);
  // What a signal handler writes may be torn by the next line.
  const label = SIGNAL.test(prefix) ? "" : labelOf(prefix);
  return { ...inner, label, ...(time?.zoned && { collectedAt: time.at }) };
}

/** What a process writes in a signal handler, with seconds since 1970: that somebody told it to end. */
const SIGNAL = /(\d{1,10}):signal-handler \((\d{9,11})\) (.*)$/;

function bySignal(line: string): SourceLine | undefined {
  const [, pid, seconds, text = ""] = SIGNAL.exec(line) ?? [];
  if (pid === undefined) return undefined;
  const at = Number(seconds) * 1000;
  return { at, precisionMs: 1000, zoned: true, role: "?", pid: Number(pid), level: "?", text, label: "" };
}

/** With `syslog-enabled` the server leaves time, process and level to syslog. */
function bySyslog(line: string, now: number): SourceLine | undefined {
  const [, prefix = "", pid = "0", text = ""] = SYSLOG_ALONE.exec(line) ?? [];
  const time = prefix === "" ? undefined : readTime(prefix, now);
  if (time === undefined) return undefined;
  const { at, zoned, precisionMs } = time;
  return { at, zoned, precisionMs, pid: Number(pid), role: "?", level: "?", text, label: labelOf(prefix) };
}

/** The same in JSON: the journal tells time and process. */
function unnamed(text: string, wrapped: ReturnType<typeof unwrapped>): SourceLine | undefined {
  if (wrapped?.at === undefined || !wrapped.isServer) return undefined;
  const { at, pid } = wrapped;
  return { at, zoned: true, precisionMs: 1, pid, role: "?", level: "?", text: clean(text, 2000), label: "" };
}
