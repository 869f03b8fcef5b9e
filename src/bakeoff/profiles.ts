import { readFile } from "node:fs/promises";
import { basename, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { z } from "zod";
import type { ProfileName, TargetKind } from "../libraries/application.ts";
import { DEFAULT_LIBRARY } from "../libraries/registry.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import { readYaml } from "../scenario/yaml-file.ts";
import type { ProfileRef } from "./child/messages.ts";
import { type OwnProfiles, ownOptionsOf } from "./own-profiles.ts";

export const PROFILES: readonly ProfileName[] = ["default", "tuned"];
const MODULES = [".mjs", ".js", ".cjs"];

/** A profile as the command line names it. */
export interface GivenProfile {
  readonly name: string;
  /** What a library is given by it where it finds its servers so; undefined: the file says nothing of it. */
  refOf(library: string, kind: TargetKind): ProfileRef | undefined;
}

const options = z.record(z.string(), z.unknown());
const fileSchema = z.record(
  z.string(),
  z.strictObject({ ha: options.optional(), cluster: options.optional(), dns: options.optional() }),
);

/**
 * `default`, `tuned`, or a file: YAML, or a module with a default export where options are functions. By library and
 * topology, in the library's own words: `LIBRARY: { ha: { OPTION: VALUE } }`.
 *
 * @throws DrillError `BAD_USAGE`, `BAD_SCENARIO` with the line that is wrong
 */
export async function readProfile(given: string): Promise<GivenProfile> {
  const own = PROFILES.find((name) => name === given);
  if (own) return { name: own, refOf: () => ({ name: own }) };
  if (!/[./]/.test(given))
    throw new DrillError("BAD_USAGE", `there is no profile "${given}"`, {
      hint: `Profiles: ${PROFILES.join(", ")}, or the path of a file of yours (.yaml, .mjs).`,
    });
  const path = resolve(given);
  const name = basename(path, extname(path));
  const isModule = MODULES.includes(extname(path));
  const profiles: OwnProfiles = isModule ? await fromModule(path) : await fromYaml(path);
  return {
    name,
    refOf: (library, kind) => {
      const found = ownOptionsOf(profiles, library, kind);
      if (!found) return undefined;
      return isModule ? { name, module: pathToFileURL(path).href } : { name, options: found };
    },
  };
}

async function fromYaml(path: string): Promise<OwnProfiles> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new DrillError("BAD_USAGE", `the profile cannot be read: ${messageOf(cause)}`, { cause });
  });
  return readYaml(text, path, fileSchema);
}

async function fromModule(path: string): Promise<OwnProfiles> {
  try {
    const { default: profiles } = (await import(pathToFileURL(path).href)) as { default: unknown };
    return fileSchema.parse(profiles);
  } catch (cause) {
    throw new DrillError("BAD_USAGE", `the profile ${path} cannot be used: ${messageOf(cause)}`, {
      hint: `A module exports by default: { ${DEFAULT_LIBRARY}: { ha: { … }, cluster: { … } } }.`,
      cause,
    });
  }
}
