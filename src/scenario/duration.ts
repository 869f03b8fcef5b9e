import { z } from "zod";
import { withInput } from "./with-input.ts";

const UNITS = { ms: 1, s: 1000, m: 60_000 } as const;

/** A time as it is written: `500ms`, `2s`, `1.5s`, `1m`. */
export type Duration = `${number}${keyof typeof UNITS}`;

/** `500ms`, `2s`, `1.5s`, `1m`: read as milliseconds, at most ten minutes. */
export const durationSchema = withInput<Duration>()(
  z.string({ error: "must be a duration such as 500ms or 2s" }).transform((text, context) => {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text);
    const ms = match ? Number(match[1]) * UNITS[match[2] as keyof typeof UNITS] : Number.NaN;
    if (!(ms > 0 && ms <= 600_000)) {
      context.addIssue({
        code: "custom",
        message: `"${text}" is not a duration such as 500ms or 2s (up to 10m)`,
      });
      return z.NEVER;
    }
    return ms;
  }),
);

/** Shrinking stops here: below it a duration tells nothing about a failure any more. */
const LEAST_MS = 200;

/** Half the time, if that is still worth trying. */
export function halvedMs(ms: number): number[] {
  return ms / 2 >= LEAST_MS ? [Math.round(ms / 2)] : [];
}
