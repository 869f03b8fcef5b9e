/**
 * A line that a collector wrapped in JSON: journald (`-o json`), Docker's `json-file`, and collectors with the usual
 * names.
 */
export interface Wrapped {
  readonly message: string;
  /** ms since 1970; absent: it tells none. */
  readonly at?: number;
  readonly pid: number;
  readonly label: string;
  /** Whether it names a server or Sentinel as the program. */
  readonly isServer: boolean;
}

const MESSAGES = ["MESSAGE", "log", "message", "msg"];
const TIMES = ["time", "@timestamp", "timestamp", "ts"];
const LABELS = ["_HOSTNAME", "CONTAINER_NAME", "_SYSTEMD_UNIT", "container_name", "hostname", "host", "pod"];
const SERVERS = /redis|valkey|sentinel/i;

/** `undefined`: it is no such line. */
export function unwrapped(raw: string): Wrapped | undefined {
  const fields = parsed(raw);
  if (fields === undefined) return undefined;
  const message = MESSAGES.map((name) => textOf(fields[name])).find((text) => text !== undefined);
  if (message === undefined) return undefined;
  const at =
    journalTime(fields.__REALTIME_TIMESTAMP) ?? TIMES.map((name) => timeIn(fields[name])).find(isKnown);
  const names = LABELS.map((name) => fields[name]).filter((name) => typeof name === "string");
  const { pod_name: pod, container_name: container } = objectIn(fields.kubernetes);
  const program = [fields.SYSLOG_IDENTIFIER, fields._COMM, ...names, pod, container].join(" ");
  return {
    message: message.replace(/\n+$/, ""),
    at,
    pid: Number(fields._PID ?? fields.SYSLOG_PID ?? 0) || 0,
    label: [...names, pod, container]
      .filter((name) => typeof name === "string")
      .join(" ")
      .slice(0, 100),
    isServer: SERVERS.test(program),
  };
}

function parsed(raw: string): Record<string, unknown> | undefined {
  try {
    return objectIn(JSON.parse(raw));
  } catch {
    return undefined; // a line that was cut off, or of something else
  }
}

function objectIn(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The journal writes a message with colours as its bytes. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || !value.every((byte) => Number.isInteger(byte))) return undefined;
  return Buffer.from(value).toString();
}

function journalTime(value: unknown): number | undefined {
  return typeof value === "string" && /^\d{10,20}$/.test(value)
    ? Math.floor(Number(value) / 1000)
    : undefined;
}

function timeIn(value: unknown): number | undefined {
  if (typeof value === "number") return value < 1e11 ? value * 1000 : value;
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

function isKnown(at: number | undefined): at is number {
  return at !== undefined;
}
