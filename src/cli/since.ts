import { InvalidArgumentError } from "commander";

/** Units of an age, from a second to a week. */
export const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 7 * 86_400_000,
};

/** `2h`, `30m`, `1d`: so long before now; or a time, ISO 8601. As ms since 1970. */
export function sinceOf(text: string, now: number = Date.now()): number {
  const [, count, unit = ""] = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS_MS[unit] as number);
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError(
      "It must be a duration such as 2h, or a time such as 2026-11-29T04:30:00Z.",
    );
  return at;
}
