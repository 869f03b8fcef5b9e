import { isObservationName, OBSERVATIONS } from "../model/observed.ts";

/** Data nested deeper than that is none of ours, and would break whatever walks through it. */
const MOST_DEPTH = 32;

/** What is wrong with an observation's data; `undefined`: nothing. That of a plugin is for the plugin to look at. */
export function misshapen(name: string, data: unknown): string | undefined {
  // One entry for each key that was written: its own schema leaves no depth to it.
  if (name !== "final-values" && deeperThan(data, MOST_DEPTH))
    return `data is nested more than ${MOST_DEPTH} deep`;
  if (!isObservationName(name)) return undefined;
  const [issue] = OBSERVATIONS[name].safeParse(data).error?.issues ?? [];
  if (issue === undefined) return undefined;
  return issue.path.length > 0 ? `data.${issue.path.join(".")}: ${issue.message}` : `data ${issue.message}`;
}

function deeperThan(value: unknown, most: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return most === 0 || Object.values(value).some((inner) => deeperThan(inner, most - 1));
}
