import { renameSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { messageOf } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { createExclusively } from "../file-lock.ts";
import { ownIdentity, type ProcessIdentity } from "../identity.ts";
import { planSchema } from "../plan-schema.ts";
import { environmentsDir, listDir, parseFile, writeWhole, writing } from "../state-dir.ts";

/*
 * <state folder>/environments/<id>.json                        what this tool has started, or is about to
 *                             <id>.json.clearing-<pid>-<start> the same, while that process clears it away
 *                             <id>.json.lock                   while a process changes the record
 *                             <id>.plan                        its plan: large, and written only once
 * <state folder>/ports/<port>                                  held by the environment that the file names
 *
 * Whoever wants to clear an environment renames its record first. A rename succeeds for one process only, so
 * exactly one clears; and it gives back the ports before the record goes, so a lock always has a record.
 */

const identitySchema = z.object({ pid: z.int().positive(), startTime: z.string().min(1) });

const serverSchema = z.object({
  flavour: z.enum(["valkey", "redis"]),
  version: z.string(),
  command: z.string(),
  args: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  executable: z.string(),
  origin: z.enum(["given", "cache", "path", "fetched"]),
});

const commonSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  driver: z.literal("process"),
  createdAt: z.iso.datetime(),
  owner: identitySchema,
});

const heldSchema = commonSchema.extend({ phase: z.literal("held") });

const environmentSchema = commonSchema.extend({
  /** `ready`: all nodes have answered once. A detached environment outlives its owner only from then on. */
  phase: z.enum(["starting", "ready"]),
  detached: z.boolean(),
  guardian: identitySchema.optional(),
  /** The boot it was started in. */
  boot: z.string(),
  dir: z.string(),
  server: serverSchema,
  ports: z.array(z.int()),
  nodes: z.array(
    z.object({
      name: z.string(),
      dir: z.string(),
      /** What it is started with, where that is not the environment's server. */
      server: serverSchema.optional(),
      /** Absent: not started yet, or stopped on purpose. */
      process: identitySchema.optional(),
      /** What keeps up a fault from outside of it, by name. */
      helpers: z.record(z.string(), identitySchema).optional(),
    }),
  ),
  /** The process that the links pass through, and where it takes requests. */
  fabric: z
    .object({
      process: identitySchema,
      control: z.object({ port: z.int(), token: z.string() }),
    })
    .optional(),
});

const recordSchema = z.discriminatedUnion("phase", [heldSchema, environmentSchema]);

/** Ports are held, nothing has been started. */
export type HeldRecord = z.infer<typeof heldSchema>;
/** Nodes are being started, or have been. */
export type EnvironmentRecord = z.infer<typeof environmentSchema>;
export type StateRecord = HeldRecord | EnvironmentRecord;

/** A record as found in the state folder. */
export interface RecordEntry {
  readonly path: string;
  readonly record: StateRecord;
  /** The process that is clearing it, or was when it died. */
  readonly clearedBy?: ProcessIdentity;
}

export interface Unreadable {
  readonly path: string;
  readonly reason: string;
}

export const recordPath = (stateDir: string, id: string) => join(environmentsDir(stateDir), `${id}.json`);

export const planPath = (stateDir: string, id: string) => join(environmentsDir(stateDir), `${id}.plan`);

/** Writes a record in one step: nobody ever sees half of it. @throws DrillError `STATE_UNWRITABLE` */
export function writeRecord(stateDir: string, record: StateRecord): void {
  writeWhole(stateDir, recordPath(stateDir, record.id), record);
}

/**
 * Writes the plan of an environment, before its record says that there is one. @throws DrillError `STATE_UNWRITABLE`
 */
export function writePlan(stateDir: string, id: string, plan: Plan): void {
  writeWhole(stateDir, planPath(stateDir, id), plan);
}

/** @throws if there is none, or it is not what this tool writes. */
export function readPlan(stateDir: string, id: string): Plan {
  return parseFile(planPath(stateDir, id), planSchema);
}

/** Writes a record unless there is one. */
export function createRecord(stateDir: string, record: StateRecord): boolean {
  return writing(stateDir, () => createExclusively(recordPath(stateDir, record.id), JSON.stringify(record)));
}

/** @throws if there is none, or it is not what this tool writes. */
export function readRecord(path: string): StateRecord {
  return parseFile(path, recordSchema);
}

/** All records there are; what cannot be read is named, not thrown. */
export function readRecords(stateDir: string): { entries: RecordEntry[]; unreadable: Unreadable[] } {
  const entries: RecordEntry[] = [];
  const unreadable: Unreadable[] = [];
  for (const name of listDir(environmentsDir(stateDir))) {
    const [, clearing] = /\.json(?:\.clearing-(.+))?$/.exec(name) ?? [];
    if (clearing === undefined && !name.endsWith(".json")) continue;
    const path = join(environmentsDir(stateDir), name);
    try {
      entries.push({
        path,
        record: readRecord(path),
        clearedBy: clearing ? parseClaim(clearing) : undefined,
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") continue; // cleared while we were reading
      unreadable.push({ path, reason: messageOf(error) });
    }
  }
  return { entries, unreadable };
}

/** Takes the sole right to clear an environment. @returns where its record is now; undefined: somebody else has it. */
export function claimRecord(
  stateDir: string,
  entry: { path: string; record: { id: string } },
): string | undefined {
  const { pid, startTime } = ownIdentity();
  const claim = `${recordPath(stateDir, entry.record.id)}.clearing-${pid}-${encodeURIComponent(startTime)}`;
  try {
    renameSync(entry.path, claim);
    return claim;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function parseClaim(claim: string): ProcessIdentity {
  const dash = claim.indexOf("-");
  return { pid: Number(claim.slice(0, dash)), startTime: decodeURIComponent(claim.slice(dash + 1)) };
}
