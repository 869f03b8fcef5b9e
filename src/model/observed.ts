import type { z } from "zod";
import type { ObservationEvent } from "./event.ts";
import { OF_APP } from "./observed/app.ts";
import { OF_BAKEOFF } from "./observed/bakeoff.ts";
import { OF_DRILL } from "./observed/drill.ts";
import { OF_NODES } from "./observed/nodes.ts";
import { OF_WORKLOADS } from "./observed/workloads.ts";

/**
 * Everything that is recorded as an observation, by name: the schema of its data. A history is validated with it as it
 * is read, and the types of what is recorded and judged come from it. Fields that are not in it are let be: they are of
 * a later version.
 */
export const OBSERVATIONS = { ...OF_NODES, ...OF_DRILL, ...OF_WORKLOADS, ...OF_APP, ...OF_BAKEOFF } as const;

/** The name of an observation of this tool. */
export type ObservationName = keyof typeof OBSERVATIONS;

/** The data of each observation, by name. */
export type Observed = {
  readonly [Name in ObservationName]: ReadOnly<z.output<(typeof OBSERVATIONS)[Name]>>;
};

/**
 * An observation of a plugin: its name, and the schema of its data. A workload records it, and a checker reads it:
 * `log.observe(own, data)`, `facts.observations(own)`.
 */
export interface OwnObservation<Data = unknown> {
  /** None of the tool's own names; best with the plugin's name in it. */
  readonly name: string;
  readonly data: z.ZodType<Data>;
}

/** Is it the name of an observation of this tool? */
export function isObservationName(name: string): name is ObservationName {
  return Object.hasOwn(OBSERVATIONS, name); // a name may be any text
}

/** An observation as a line of a history. */
export function observation<Name extends ObservationName>(
  at: number,
  name: Name,
  data: Observed[Name],
): ObservationEvent {
  return { type: "observation", at, name, data };
}

/** The data of the event, if it is an observation of that name, which was validated as it was read or recorded. */
export function observedIn<Name extends ObservationName>(
  event: { readonly type: string; readonly name?: string; readonly data?: unknown },
  name: Name,
): Observed[Name] | undefined {
  return event.type === "observation" && event.name === name ? (event.data as Observed[Name]) : undefined;
}

type ReadOnly<T> = T extends object ? { readonly [Key in keyof T]: ReadOnly<T[Key]> } : T;

/* Names for data of which more than one place speaks. */

export type WriteAccount = Observed["write-account"];
export type NodeSettingData = Observed["node-setting"];
export type SentinelQuorumData = Observed["sentinel-quorum"];
export type CommandsMissingData = Observed["commands-missing"];
export type LogEventData = Observed["log-event"];
/** What the final inspection found at one data node. */
export type FinalNode = Observed["final-node"];
export type FinalSentinel = Observed["final-sentinel"];
/** The cluster by one node's own account. */
export type ClusterMap = NonNullable<FinalNode["map"]>;
/** A primary of a cluster, as one node has it in its map. */
export type MappedPrimary = ClusterMap["primaries"][number];
export type StallData = Observed["stall"];
export type StallKind = StallData["kind"];
export type ClientEventData = Observed["client-event"];
export type FaultSkippedData = Observed["fault-skipped"];
export type WorkloadData = Observed["workload"];
export type ThroughputData = Observed["throughput"];
export type LockHeld = Observed["lock-held"];
export type LockUse = Observed["lock-use"];

/** What became of it, in words. */
export const skippedAs = ({ begun }: Pick<FaultSkippedData, "begun">): string =>
  begun ? "given up" : "left out";
