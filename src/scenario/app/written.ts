import type { AppExpectations, ProbeExpectations } from "../../model/app.ts";
import type { AppSpec } from "./app-schema.ts";
import type { ProbeSpec } from "./probe-schema.ts";

/** An application that was read, in the form in which it is written. */
export function writtenApp({ env, ready, stop, ...app }: AppSpec): object {
  const { presets, set } = env;
  return {
    ...app,
    env: { ...(presets.length > 0 && { preset: presets }), ...set },
    ...(ready && { ready: { ...ready, within: text(ready.within) } }),
    stop: { ...stop, within: text(stop.within) },
  };
}

/** A probe that was read, in the form in which it is written. */
export function writtenProbe({ by, asks, everyMs, deadlineMs, withinMs, ...probe }: ProbeSpec): object {
  const { name, is, of, when, ok, body, times, headers } = probe;
  return {
    name,
    [by]: asks,
    is,
    ...(of !== undefined && { of }),
    when,
    ...(everyMs !== undefined && { every: text(everyMs) }),
    ...(by !== "stdout" && { deadline: text(deadlineMs) }),
    ...(when.includes("eventually") && { within: text(withinMs) }),
    ...(by === "http" && { ok }),
    ...(body !== undefined && { body }),
    ...(times !== undefined && { times }),
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}

/** What is expected of an application and its probes, in the form in which it is written. */
export function writtenExpectations(
  app: AppExpectations | undefined,
  probes: Readonly<Record<string, ProbeExpectations>> = {},
): object {
  return {
    ...(app && { app: writtenOfApp(app) }),
    ...Object.fromEntries(Object.entries(probes).map(([name, expected]) => [name, writtenOfProbe(expected)])),
  };
}

function writtenOfApp({ recoversWithinMs, logNever, ...rest }: AppExpectations): object {
  return {
    ...rest,
    ...(recoversWithinMs !== undefined && { recoversWithin: text(recoversWithinMs) }),
    ...(logNever !== undefined && { log: { never: logNever } }),
  };
}

function writtenOfProbe({ outageMs, p99Ms, ...rest }: ProbeExpectations): object {
  return {
    ...rest,
    ...(outageMs !== undefined && { outage: text(outageMs) }),
    ...(p99Ms !== undefined && { p99: text(p99Ms) }),
  };
}

const text = (ms: number) => `${ms}ms`;
