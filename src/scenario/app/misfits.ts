import { didYouMean } from "../../base/nearest.ts";
import type { AppSpec } from "./app-schema.ts";
import type { ProbeExpectInput } from "./expect-schema.ts";
import { groupsOf } from "./pattern.ts";
import { isSteady, type ProbeSpec } from "./probe-schema.ts";
import { placesIn } from "./request.ts";

/** What does not fit in the file, and its place. */
export interface Misfit {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Templates in what a probe sends. */
const PLACES = ["unique", "port", "instance"];
/** So many of one probe may be under way at a time. */
const MOST_UNDER_WAY = 5000;

/**
 * Probes whose `of` is settled: what is not given is the only write that sends a `{{unique}}`.
 */
export function settled(probes: readonly ProbeSpec[]): ProbeSpec[] {
  const [write, ...more] = probes.filter(isTraced);
  return probes.map((probe) =>
    needsWrite(probe) && probe.of === undefined && write && more.length === 0
      ? { ...probe, of: write.name }
      : probe,
  );
}

/** What of an application and its probes cannot work, whatever happens. */
export function misfitsOf(app: AppSpec | undefined, given: readonly ProbeSpec[]): Misfit[] {
  const probes = settled(given);
  const names = probes.map(({ name }) => name);
  const writes = probes.filter(isTraced).map(({ name }) => name);
  return probes.flatMap((probe, at) => {
    const said: Misfit[] = [];
    const say = (key: string, message: string) => said.push({ path: ["probes", at, key], message });
    const { name, by, is, of, everyMs, deadlineMs, times } = probe;
    if (app === undefined) say("name", "a probe asks an application: the scenario has no app");
    if (names.indexOf(name) !== at) say("name", `two probes are named "${name}"`);
    for (const place of placesIn(`${by === "stdout" ? "" : probe.asks} ${Object.values(probe.headers)}`))
      if (!PLACES.includes(place))
        say(by, `there is no {{${place}}} here.${didYouMean(place, PLACES)} There are: ${shown(PLACES)}`);
    if (needsWrite(probe) && (of === undefined || !writes.includes(of))) say("of", notOf(probe, writes));
    else if (of !== undefined && !needsWrite(probe)) say("of", `what is a ${is} belongs to no write`);
    if (is === "read-back" && !placesIn(probe.asks).includes("unique"))
      say(by, "a read-back sends {{unique}}, or it could not tell which write it asks for");
    for (const [why, key] of unfitting(probe, app)) say(key, why);
    if (times !== undefined && is !== "read-back" && is !== "write")
      say("times", `what is a ${is} does not tell how often a write was done`);
    if (everyMs !== undefined && deadlineMs / everyMs > MOST_UNDER_WAY)
      say("every", `${MOST_UNDER_WAY} of them could be under way at once: raise it, or lower the deadline`);
    return said;
  });
}

/** Why that kind of probe cannot be what it is said to be, with the key to change. */
function unfitting({ by, is, when, asks }: ProbeSpec, app: AppSpec | undefined): [string, string][] {
  const all: [string, string][] = [];
  if ((by === "stdout") !== (is === "delivered"))
    all.push([`a probe by ${by} is no "${is}": lines of output tell what was delivered`, "is"]);
  if (by === "stdout" && !groupsOf(asks).includes("id"))
    all.push([String.raw`the pattern has no group id, as in '/sent (?<id>\S+)/'`, by]);
  if (by === "stdout" && app?.url !== undefined)
    all.push(["what runs already has no output that could be read", by]);
  if (by === "stdout" && when.join() !== "always") all.push(["its output is read all the time", "when"]);
  if (by === "command" && is !== "check" && is !== "read")
    all.push([`a command is a check or a read, not a ${is}`, "is"]);
  if (is === "read-back" && when.some((time) => time !== "eventually" && time !== "after"))
    all.push(["writes are read back at the end: eventually, or after", "when"]);
  if (is === "write" && when.includes("eventually"))
    all.push(["a write is not sent until it is right: it would be done several times", "when"]);
  return all;
}

/** It is a write whose fate can be followed. */
function isTraced({ is, by, asks, headers }: ProbeSpec): boolean {
  return is === "write" && by === "http" && placesIn(`${asks} ${Object.values(headers)}`).includes("unique");
}

function needsWrite({ is }: ProbeSpec): boolean {
  return is === "read-back" || is === "delivered";
}

function notOf({ name, is, of }: ProbeSpec, writes: readonly string[]): string {
  const what = is === "read-back" ? "reads" : "delivers";
  if (writes.length === 0)
    return `${name} ${what} what a probe has written, and no write sends {{unique}}. Add one: {{unique}} in its body`;
  if (of === undefined) return `${name} ${what} which write? of: ${writes.join(" or of: ")}`;
  return `no write that sends {{unique}} is named "${of}".${didYouMean(of, writes)} There are: ${writes.join(", ")}`;
}

/** What is expected of probes, and of an application, that there are not, or that they cannot tell. */
export function unexpectable(
  expect: Readonly<Record<string, unknown>>,
  known: readonly string[],
  app: AppSpec | undefined,
  probes: readonly ProbeSpec[],
): Misfit[] {
  const names = probes.map(({ name }) => name);
  const said: Misfit[] = [];
  const say = (path: readonly string[], message: string) => said.push({ path: ["expect", ...path], message });
  for (const [at, { name }] of probes.entries())
    if (known.includes(name))
      said.push({
        path: ["probes", at, "name"],
        message: `"${name}" is a key of expect: choose another name`,
      });
  if (expect.app !== undefined && app === undefined) say(["app"], "the scenario has no app");
  for (const [name, limits] of Object.entries(expect)) {
    if (known.includes(name)) continue;
    const probe = probes.find((one) => one.name === name);
    if (probe === undefined) {
      const all = [...names, ...known];
      const there = names.length === 0 ? "there are no probes" : `probes: ${names.join(", ")}`;
      say(
        [name],
        `no probe is named "${name}".${didYouMean(name, all)} Besides ${known.join(", ")}; ${there}`,
      );
      continue;
    }
    for (const [limit, why] of unmeasured(probe, (limits ?? {}) as ProbeExpectInput)) say([name, limit], why);
  }
  return said;
}

function unmeasured({ is, when, by }: ProbeSpec, limits: ProbeExpectInput): [string, string][] {
  const isSent = isSteady({ by, when });
  const all: [string, string][] = [];
  for (const limit of ["outage", "p99"] as const)
    if (limits[limit] !== undefined && !isSent)
      all.push([limit, `it is not sent while the steps run (when: during), so nothing would measure that`]);
  for (const limit of ["lost", "duplicated"] as const)
    if (limits[limit] !== undefined && is !== "write")
      all.push([limit, `only what is a write can be ${limit}; this is a ${is}`]);
  return all;
}

function shown(places: readonly string[]): string {
  return places.map((place) => `{{${place}}}`).join(", ");
}
