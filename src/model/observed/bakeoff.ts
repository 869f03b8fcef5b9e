import { z } from "zod";
import { notRead } from "./words.ts";

/* What is recorded beside the calls of an application, where client libraries are compared. */

/** Of a bake-off, by the names of the observations. */
export const OF_BAKEOFF = {
  /** The name means that node from now on. */
  "bakeoff-name": z.object({ name: z.string(), node: z.string(), address: z.string() }),
  /** What the lists held at the end; `null`: they were not read. */
  "bakeoff-lists": notRead<Readonly<Record<string, readonly string[]>> | null>(),
  /** The servers' own counters. */
  "bakeoff-servers": notRead<readonly object[]>(),
  /** What the process of the client said of itself. */
  "bakeoff-client": notRead<readonly object[]>(),
};
