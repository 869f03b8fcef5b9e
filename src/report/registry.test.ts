import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { resultSchema } from "../model/result.ts";
import { REPORT_FORMATS } from "./registry.ts";
import {
  adviseJsonSchema,
  bakeoffJsonSchema,
  explanationJsonSchema,
  exploreJsonSchema,
  resultJsonSchema,
} from "./result-schema.ts";
import { recoveredApp, stuckApp } from "./sample-app.test-data.ts";
import { clusterResult, failingHa, passingHa } from "./sample-results.test-data.ts";

const options = { colour: false };
const samples = [passingHa, failingHa, clusterResult(3), recoveredApp, stuckApp];

describe("json", () => {
  it("writes one result as an object, several as an array, and ends the line", () => {
    const one = REPORT_FORMATS.json.render([passingHa], options);
    expect(JSON.parse(one)).toEqual(passingHa);
    expect(one.endsWith("}\n")).toBe(true);
    expect(JSON.parse(REPORT_FORMATS.json.render(samples, options))).toHaveLength(samples.length);
    expect(REPORT_FORMATS.json.render([], options)).toBe("[]\n");
  });
});

describe("terminal", () => {
  it("adds a summary where there are several results", () => {
    expect(REPORT_FORMATS.terminal.render([passingHa], options)).not.toContain("drills");
    expect(REPORT_FORMATS.terminal.render(samples, options)).toContain("5 drills: 3 passed, 2 failed");
  });
});

describe("schema/result.schema.json", () => {
  it("is what the code says; `npx vitest run src/report --update` writes it anew", async () => {
    const text = `${JSON.stringify(resultJsonSchema(), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../schema/result.schema.json");
  });

  const published = async () => {
    const url = new URL("../../schema/result.schema.json", import.meta.url);
    return new Ajv2020({ strict: true }).compile(JSON.parse(await readFile(url, "utf8")));
  };

  it("accepts results", async () => {
    const validate = await published();
    for (const sample of samples) {
      expect(validate(sample), JSON.stringify(validate.errors)).toBe(true);
      expect(resultSchema.safeParse(sample).success).toBe(true);
    }
  });

  it.each([
    ["an unknown verdict", { ...passingHa, verdict: "maybe" }],
    ["another schema version", { ...passingHa, schemaVersion: 2 }],
    ["a field too many", { ...passingHa, mood: "calm" }],
    ["a field too few", { ...passingHa, writes: undefined }],
    ["a negative count", { ...passingHa, writes: { ...passingHa.writes, lost: -1 } }],
    ["half a write", { ...passingHa, writes: { ...passingHa.writes, lost: 0.5 } }],
    ["a time as text", { ...passingHa, outage: { writeMs: "1 s", readMs: null } }],
  ])("refuses %s", async (_name, broken) => {
    const validate = await published();
    expect(validate(JSON.parse(JSON.stringify(broken)))).toBe(false);
  });
});

describe("schema/bakeoff.schema.json", () => {
  it("is what the code says; `npx vitest run src/report --update` writes it anew", async () => {
    const text = `${JSON.stringify(bakeoffJsonSchema(), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../schema/bakeoff.schema.json");
  });
});

describe("schema/advise.schema.json", () => {
  it("is what the code says; `npx vitest run src/report --update` writes it anew", async () => {
    const text = `${JSON.stringify(adviseJsonSchema(), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../schema/advise.schema.json");
  });
});

describe("schema/explore.schema.json", () => {
  it("is what the code says; `npx vitest run src/report --update` writes it anew", async () => {
    const text = `${JSON.stringify(exploreJsonSchema(), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../schema/explore.schema.json");
  });
});

describe("schema/explanation.schema.json", () => {
  it("is what the code says; `npx vitest run src/report --update` writes it anew", async () => {
    const text = `${JSON.stringify(explanationJsonSchema(), undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot("../../schema/explanation.schema.json");
  });
});
