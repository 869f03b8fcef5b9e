import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { CAPABILITIES, type Capability } from "../../model/capabilities.ts";
import { messageOf } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { planSchema } from "../plan-schema.ts";
import { dockerDir, listDir, parseFile, writeWhole } from "../state-dir.ts";

const schema = z.object({
  id: z.string().regex(/^[0-9a-f]{8}$/),
  createdAt: z.iso.datetime(),
  owner: z.object({ pid: z.int().positive(), startTime: z.string().min(1) }),
  detached: z.boolean(),
  dir: z.string(),
  valkey: z.string(),
  image: z.string(),
  /** What can be done to it. */
  capabilities: z.array(z.enum(Object.keys(CAPABILITIES) as Capability[])).default([]),
  /** Where the fabric of its links takes requests. */
  control: z.object({ host: z.string(), port: z.int(), token: z.string() }).optional(),
  plan: planSchema,
});

/** What is written down of an environment of containers once it has started: what its labels do not say. */
export type DockerRecord = z.infer<typeof schema>;

const SUFFIX = ".json";
const pathOf = (stateDir: string, id: string) => join(dockerDir(stateDir), `${id}${SUFFIX}`);

/** @throws DrillError `STATE_UNWRITABLE` */
export function rememberEnvironment(
  stateDir: string,
  record: Omit<DockerRecord, "plan"> & { readonly plan: Plan },
): void {
  writeWhole(stateDir, pathOf(stateDir, record.id), record);
}

export function forgetEnvironment(stateDir: string, id: string): void {
  rmSync(pathOf(stateDir, id), { force: true });
}

/** All records there are, newest first; what cannot be read is named, not thrown. */
export function rememberedEnvironments(stateDir: string): {
  records: DockerRecord[];
  unreadable: { path: string; reason: string }[];
} {
  const records: DockerRecord[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  for (const name of listDir(dockerDir(stateDir)).filter((one) => one.endsWith(SUFFIX))) {
    const path = join(dockerDir(stateDir), name);
    try {
      records.push(parseFile(path, schema));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT")
        unreadable.push({ path, reason: messageOf(error) });
    }
  }
  return { records: records.sort((a, b) => b.createdAt.localeCompare(a.createdAt)), unreadable };
}
