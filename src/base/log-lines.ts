/** A line of a node's log. */
export interface LogLine {
  /** Wall clock in ms since 1970, as the node wrote it down. */
  readonly wallMs: number;
  /** Whether the line tells its time zone; if not, `wallMs` takes the local time for UTC. */
  readonly zoned: boolean;
  readonly level: "." | "-" | "*" | "#";
  readonly text: string;
}

const LINE = /^\d+:[XCSM] (.+?) ([.\-*#]) (.*)$/;
const LEGACY = /^(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2})\.(\d{3})$/;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * The lines of a log as valkey-server and Sentinel write it: `pid:role time level text`, the time in any of the three
 * forms of `log-timestamp-format` (https://github.com/valkey-io/valkey/blob/8.1/valkey.conf). A line that does not begin
 * so (of a crash report, say) belongs to the one before it.
 */
export function parseLog(text: string): LogLine[] {
  const lines: LogLine[] = [];
  for (const raw of text.split("\n")) {
    if (raw.trim() === "") continue;
    const [, time = "", level = "*", said = ""] = LINE.exec(raw) ?? [];
    const at = timeOf(time);
    const before = lines.at(-1);
    if (at !== undefined) lines.push({ ...at, level: level as LogLine["level"], text: said });
    else if (before !== undefined) lines.push({ ...before, text: raw });
  }
  return lines;
}

function timeOf(time: string): Pick<LogLine, "wallMs" | "zoned"> | undefined {
  const legacy = LEGACY.exec(time);
  if (legacy) {
    const [day, , year, hour, minute, second, millis] = legacy.slice(1).map(Number);
    const month = MONTHS.indexOf(legacy[2] ?? "");
    const wallMs = Date.UTC(year ?? 0, month, day, hour, minute, second, millis);
    return month < 0 || Number.isNaN(wallMs) ? undefined : { wallMs, zoned: false };
  }
  const wallMs = /^\d{13}$/.test(time) ? Number(time) : Date.parse(time);
  return Number.isNaN(wallMs) ? undefined : { wallMs, zoned: true };
}
