import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { exploreSchema } from "../src/model/explore.ts";
import { cli } from "./support/cli.ts";
import { ROOT } from "./support/structure.ts";

describe("explore --json", () => {
  it("prints one document by its schema, and nothing else on standard output", async () => {
    const few = ["--faults", "pause", "--each", "1", "--rounds", "1", "--no-shrink", "--seed", "3"];
    const { code, stdout, stderr } = await cli(["explore", "ha", ...few, "--json", "--quiet"]);
    const document = exploreSchema.parse(JSON.parse(stdout));
    const schema = JSON.parse(readFileSync(join(ROOT, "schema/explore.schema.json"), "utf8"));
    const validate = new Ajv2020({ strict: true }).compile(schema);
    expect(validate(JSON.parse(stdout)), JSON.stringify(validate.errors)).toBe(true);
    expect(document).toMatchObject({ topology: "ha", faults: { pause: 1 }, shrunk: null });
    const [round] = document.rounds;
    expect(document.rounds).toHaveLength(1);
    expect(round).toMatchObject({ seed: 3, drill: "explore-ha-3", verdict: document.verdict });
    expect(stderr).toContain("seed 3: ");
    expect(code).toBe({ pass: 0, fail: 1, unknown: 2, broken: 70 }[document.verdict]);
    // What passed and lost nothing is removed; all else is kept, and said where.
    const notable = document.verdict !== "pass" || (round?.lost ?? 0) > 0;
    expect(round?.folder !== null && existsSync(round?.folder ?? "")).toBe(notable);
  });
});
