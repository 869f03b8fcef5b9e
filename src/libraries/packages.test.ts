import { describe, expect, it } from "vitest";
import { DrillError } from "../model/errors.ts";
import { importPackage, installedVersion } from "./packages.ts";

describe("a package that is not installed", () => {
  it("is named, with the command that installs it", async () => {
    const name: string = "no-such-client-library";
    const failed = await importPackage(name, () => import(name)).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(DrillError);
    expect(failed).toMatchObject({ code: "MISSING_PACKAGE", hint: `npm install ${name}` });
    expect(installedVersion(name)).toBeUndefined();
  });

  it("is told from one that breaks while it is loaded", async () => {
    const broken = importPackage("iovalkey", async () => {
      throw new Error("broken");
    });
    await expect(broken).rejects.toThrow("broken");
  });
});
