import type { TargetKind } from "../libraries/application.ts";
import { LIBRARIES } from "../libraries/registry.ts";

type Options = Readonly<Record<string, unknown>>;

/** What a user's own profile holds: a library's own options, by the library's name and how it finds the servers. */
export type OwnProfiles = Readonly<
  Record<string, Readonly<Partial<Record<TargetKind, Options>>> | undefined>
>;

/** What it holds for this library, under whichever of its names; `undefined` if it says nothing of it. */
export function ownOptionsOf(profiles: OwnProfiles, library: string, kind: TargetKind): Options | undefined {
  const names = [library, ...(LIBRARIES.get(library)?.otherNames ?? [])];
  return names.map((name) => profiles[name]?.[kind]).find((options) => options !== undefined);
}
