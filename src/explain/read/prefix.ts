import { clean } from "./clean.ts";

/** A time that a collector wrote before a line. */
export interface PrefixTime {
  readonly at: number;
  /** Whether it is UTC; if not, local time was taken for UTC. */
  readonly zoned: boolean;
  readonly precisionMs: number;
}

const ISO = /(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?/;
const SYSLOG = /([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const DAY_MS = 86_400_000;

/** A line of syslog or `journalctl -o short` whose program is a server or Sentinel: header, process, text. */
export const SYSLOG_ALONE =
  /^((?:<\d{1,3}>)?(?:\d )?(?:[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)?|\d{4}-\d\d-\d\dT\S+) \S+ \S{0,60}(?:redis|valkey|sentinel)\S{0,60}?)(?:\[(\d{1,10})\])?: (.*)$/i;

/**
 * `docker logs -t`, `kubectl logs --timestamps`, `journalctl -o short-iso`, syslog; `undefined`: no time stands there.
 */
export function readTime(prefix: string, now = Date.now()): PrefixTime | undefined {
  const iso = ISO.exec(prefix);
  if (iso) {
    const [, day, time, fraction, zone] = iso;
    const withColon = zone?.replace(/([+-]\d\d)(\d\d)$/, "$1:$2");
    const at = Date.parse(`${day}T${time}${withColon ?? "Z"}`) + fractionMs(fraction);
    return Number.isNaN(at) ? undefined : { at, zoned: zone !== undefined, precisionMs: precision(fraction) };
  }
  const [, month = "", day, time, fraction] = SYSLOG.exec(prefix) ?? [];
  const number = MONTHS.indexOf(month);
  if (month === "" || number < 0 || number % 3 !== 0) return undefined;
  const inYear = (year: number) =>
    Date.parse(`${year}-${String(number / 3 + 1).padStart(2, "0")}-${String(day).padStart(2, "0")}T${time}Z`);
  const thisYear = inYear(new Date(now).getUTCFullYear());
  // No log is from the future, but for a zone.
  const at = thisYear > now + DAY_MS ? inYear(new Date(now).getUTCFullYear() - 1) : thisYear;
  if (Number.isNaN(at)) return undefined;
  return { at: at + fractionMs(fraction), zoned: false, precisionMs: precision(fraction) };
}

/** Who wrote it, by what stands before the line, without times, numbers and marks that change from line to line. */
export function labelOf(prefix: string): string {
  const names = prefix
    .replace(ISO, " ")
    .replace(SYSLOG, " ")
    .replace(/<\d+>\d?|\[\d+\]|\b(?:stdout|stderr) [FP]\b/g, " ")
    .split(/[\s|]+/)
    .map((word) => word.replace(/^\[|[\]:]+$/g, ""))
    .filter((word) => /[a-z]/i.test(word));
  return clean(names.join(" "), 100);
}

function fractionMs(fraction = ""): number {
  return Number(fraction.slice(0, 3).padEnd(3, "0"));
}

function precision(fraction: string | undefined): number {
  return fraction === undefined ? 1000 : fraction.length < 3 ? 10 ** (3 - fraction.length) : 1;
}
