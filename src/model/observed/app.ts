import { z } from "zod";
import { count, time, wordOf } from "./words.ts";

/* What was seen of an application under the drill. Instances are `app-1`, `app-2` and so on. */

/** The life of an instance. */
const app = z.object({
  instance: z.string(),
  /**
   * - `started`: its process is there; `ready`: it said that it is, or its health probe did
   * - `exited`: it ended by itself; `stopped`: it was asked to end, and did; `killed`: it did not, in time
   */
  event: wordOf<"started" | "ready" | "exited" | "stopping" | "stopped" | "killed">(),
  /** ns on the run's clock. */
  at: time,
  pid: count.optional(),
  /** Which start of it this is, from 1: from 2 on it is a restart. */
  start: count.optional(),
  code: count.nullable().optional(),
  signal: z.string().nullable().optional(),
  /** What it said last, where it exited. */
  lastLines: z.array(z.string()).optional(),
});

/** How much memory an instance takes, with all its processes. */
const appMemory = z.object({ instance: z.string(), at: time, rssBytes: count });

/** A line of an instance's output that matters: an unhandled error, or one that the scenario watches for. */
const appLine = z.object({
  instance: z.string(),
  at: time,
  stream: wordOf<"stdout" | "stderr">(),
  text: z.string(),
  /** Why it is here. */
  why: wordOf<"unhandled-error" | "never" | "error">(),
});

/** An event that the application reported on its standard output, as a `delivered` probe reads it. */
const appDelivered = z.object({ probe: z.string(), instance: z.string(), at: time, id: z.string() });

/** One connection of the application, as the server that holds it tells of it (`CLIENT LIST`). */
const connection = z.object({
  id: count,
  /** Absent where it cannot be told: the application was not started by the drill. */
  instance: z.string().optional(),
  /** `addr`, from the server's view. */
  from: z.string(),
  name: z.string().optional(),
  /** `lib-name` and `lib-ver`. */
  library: z.string().optional(),
  /** The last command. */
  command: z.string(),
  ageS: count,
  idleS: count,
  flags: z.string(),
  /** Waits in a blocking command. */
  blocked: z.boolean(),
  /** Channels and patterns that it is subscribed to. */
  subscriptions: count,
});

/** The application's connections to one node; `null`: the node did not answer. */
const appConnections = z.object({
  node: z.string(),
  at: time,
  /** What it was then; absent: not known. */
  role: z.string().optional(),
  connections: z.array(connection).nullable(),
});

/** How a probe that is sent once, or until it is right, ended. */
const appProbe = z.object({
  probe: z.string(),
  when: wordOf<"before" | "after" | "eventually">(),
  at: time,
  ok: z.boolean(),
  /** The answer that it got: a status with the begin of its body, an exit code with its last lines, an error. */
  seen: z.string(),
});

/** Of an application, by the names of the observations. */
export const OF_APP = {
  app,
  "app-memory": appMemory,
  "app-line": appLine,
  "app-delivered": appDelivered,
  "app-connections": appConnections,
  "app-probe": appProbe,
};
