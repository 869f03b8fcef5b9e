import type { AppHeader } from "../model/app.ts";
import type { AppSpec } from "../scenario/app/app-schema.ts";
import type { ProbeSpec } from "../scenario/app/probe-schema.ts";

/** An application and its probes, as the first line of a history tells of them. */
export function appHeaderOf(
  spec: AppSpec,
  probes: readonly ProbeSpec[],
  addresses: readonly string[],
): AppHeader {
  const { command: started, instances, env } = spec;
  const preset = env.presets.join(", ");
  return {
    ...(started !== undefined && { started }),
    addresses: probes.some(({ by }) => by === "http") ? addresses : [],
    instances,
    ...(preset !== "" && { preset }),
    probes: probes.map(({ name, by, asks, is, of, when, everyMs, deadlineMs, times }) => ({
      ...{ name, by, asks, is, when },
      ...(of !== undefined && { of }),
      ...(everyMs !== undefined && { everyMs }),
      ...(by !== "stdout" && { deadlineMs }),
      ...(times !== undefined && { countsTimes: true }),
    })),
  };
}
