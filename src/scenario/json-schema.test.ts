import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { scenarioJsonSchema } from "./json-schema.ts";
import { builtInScenarios, loadScenario } from "./load.ts";

const validate = new Ajv2020({ strict: false }).compile(scenarioJsonSchema());
const textOf = (name: string) =>
  readFileSync(new URL(`../../scenarios/${name}.yaml`, import.meta.url), "utf8");
const HEAD = { name: "x", description: "x", topology: { kind: "ha" } };
const accepts = (step: unknown) => validate({ ...HEAD, steps: [step] });

describe("schema/scenario.schema.json", () => {
  it("is what the code says (npx vitest run -u --project unit src/scenario writes it)", async () => {
    const text = `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../schema/scenario.schema.json");
  });

  it("accepts every scenario that is shipped", async () => {
    for (const name of await builtInScenarios()) {
      expect(validate(parse(textOf(name))), `${name}: ${JSON.stringify(validate.errors?.slice(0, 3))}`).toBe(
        true,
      );
      await loadScenario(name);
    }
  });

  it.each([
    { inject: { fault: "kill", target: "primary", for: "2s" } },
    { inject: { fault: "pause", target: ["replica-1", "replica-2"] } },
    { start: "unique-writes" },
    { start: { "unique-writes": { writesPerSecond: 5 } } },
    { schedule: [{ at: "1s", inject: { fault: "kill", target: "primary" } }] },
    { schedule: [{ every: "1s", times: 3, run: "crud" }] },
    { set: { maxmemory: 0 } },
  ])("accepts %j", (step) => {
    expect(accepts(step), JSON.stringify(validate.errors)).toBe(true);
  });

  it.each([
    { injekt: {} },
    { inject: { fault: "killl", target: "primary" } },
    { inject: { fault: "kill", target: "primary", seconds: 3 } },
    { start: "crud" },
    { start: { "unique-writes": { writesPerSecond: 0 } } },
    { schedule: [{ at: 1, run: "crud" }] },
    { await: { condition: "better", within: "1s" } },
    { run: "crud", wait: "1s" },
  ])("refuses %j", (step) => {
    expect(accepts(step)).toBe(false);
  });
});
