import { describe, expect, it } from "vitest";
import { LIBRARIES } from "../libraries/registry.ts";
import type { ProfileName } from "./application.ts";
import type { ClientLibrary } from "./library.ts";
import { installedVersion } from "./packages.ts";
import { optionsOf } from "./profile-options.ts";

const KINDS = ["ha", "cluster", "dns"] as const;
const PROFILES: readonly ProfileName[] = ["default", "tuned"];

describe.each([...LIBRARIES.values()].map((library): [string, ClientLibrary] => [library.name, library]))(
  "%s",
  (_, library) => {
    it("explains every option that it sets, and where that is documented", () => {
      const settings = PROFILES.flatMap((profile) =>
        KINDS.flatMap((kind) => library.profiles[profile][kind].settings),
      );
      for (const { why, docs, value, shown } of settings) {
        expect(why).toMatch(/\.$/);
        expect(docs).toMatch(/^https:\/\//);
        if (typeof value === "function") expect(shown).toBeTruthy();
      }
    });

    it("is tuned where it is supported, and says why where it is not", () => {
      for (const kind of KINDS) {
        const supported = library.supports[kind];
        if (supported === true) expect(library.profiles.tuned[kind].settings).not.toEqual([]);
        else expect(supported.issue).toMatch(/^https:\/\//);
      }
    });

    it("is installed here", () => expect(installedVersion(library.packageName)).toMatch(/^\d+\.\d+\.\d+/));
  },
);

describe("settings", () => {
  it("become options, nested by their paths", () => {
    const setting = (option: string, value: unknown) => ({ option, value, why: "", docs: "" });
    const settings = [setting("a", 1), setting("inner.b", 2), setting("inner.deep.c", [3])];
    expect(optionsOf(settings)).toEqual({ a: 1, inner: { b: 2, deep: { c: [3] } } });
  });
});
