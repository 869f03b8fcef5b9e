import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ROOT } from "./support/structure.ts";

/* action.yml as a runner does it: its step's script, with the inputs in its environment, in somebody's workspace. */

interface Action {
  readonly inputs: Record<string, { default: string; description: string }>;
  readonly outputs: Record<string, { value: string }>;
  readonly runs: { steps: { id: string; shell: string; run: string; env: Record<string, string> }[] };
}

const action = parse(readFileSync(join(ROOT, "action.yml"), "utf8")) as Action;
const QUICK = `
name: quick
description: A primary is killed.
topology: { kind: ha, replicas: 1, sentinels: 3, downAfterMs: 2000 }
steps:
  - start: unique-writes
  - inject: { fault: kill, target: primary }
  - await: { condition: promoted, within: 20s }
  - await: { condition: recovered, within: 20s }
expect: { promoted: true }
`;
let workspace: string;

beforeAll(() => {
  workspace = mkdtempSync(join(tmpdir(), "valkey-drill-action-"));
  writeFileSync(join(workspace, "my drill.yaml"), QUICK); // not named by any input here: a space parts two names
  writeFileSync(join(workspace, "quick.yaml"), QUICK);
  writeFileSync(
    join(workspace, "strict.yaml"),
    QUICK.replace("name: quick", "name: strict").replace(
      "promoted: true",
      "promoted: true, outage: { writeMs: 1 }",
    ),
  );
}, 300_000);

afterAll(() => rmSync(workspace, { recursive: true, force: true }));

describe("the action", () => {
  it("tells the verdict and where the runs are", async () => {
    const { code, outputs, summary } = await workflow({ scenario: "quick.yaml", out: "kept", seed: "7" });
    expect(code).toBe(0);
    expect(outputs.verdict).toBe("pass");
    expect(outputs.junit).toEqual("kept/8.1/junit.xml");
    const [folder = "", ...others] = outputs.paths?.split("\n") ?? [];
    expect(others).toEqual([]);
    expect(folder).toMatch(/^kept\/8\.1\/.*-quick-/);
    for (const file of ["report.html", "result.json", "history.jsonl"])
      expect(existsSync(join(workspace, folder, file))).toBe(true);
    expect(JSON.parse(readFileSync(join(workspace, folder, "result.json"), "utf8"))).toMatchObject({
      seed: 7,
    });
    expect(summary).toMatch(/^## valkey-drill: ✓ pass/);
  });

  it("fails with the worst verdict, and annotates what failed", async () => {
    const { code, outputs, stdout } = await workflow({ scenario: "quick.yaml strict.yaml", out: "worst" });
    expect(code).toBe(1);
    expect(outputs.verdict).toBe("fail");
    expect(outputs.paths?.split("\n").length).toBe(2);
    expect(stdout).toMatch(/^::error title=valkey-drill strict%3A outage fail::/m);
  });

  it("says error, not fail, of what could not be run; and runs nothing that stands in an input", async () => {
    const evil = "quick.yaml; touch hurt $(touch hurt) `touch hurt`";
    const { code, outputs } = await workflow({ scenario: evil, out: "error" });
    expect(code).toBe(64);
    expect(outputs).toEqual({ verdict: "error", paths: "", junit: "" });
    expect(existsSync(join(workspace, "hurt"))).toBe(false);
  });

  it("passes on each of its inputs and outputs, under their own names", () => {
    const [step] = action.runs.steps;
    const passed = Object.values(step?.env ?? {}).map(
      (text) => /^\$\{\{ inputs\.(\w+) \}\}$/.exec(text)?.[1],
    );
    expect(passed.sort()).toEqual(Object.keys(action.inputs).sort());
    for (const [name, { value }] of Object.entries(action.outputs))
      expect(value).toBe(`\${{ steps.${step?.id}.outputs.${name} }}`);
  });
});

describe("the examples", () => {
  it("use the action by inputs and outputs that it has", () => {
    const text = readFileSync(join(ROOT, "examples/github-actions.yml"), "utf8");
    const { jobs } = parse(text) as { jobs: { drill: { steps: { id?: string; with: object }[] } } };
    const step = jobs.drill.steps.find(({ id }) => id === "drill");
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(step?.with ?? {})));
    for (const [, output = ""] of text.matchAll(/steps\.drill\.outputs\.(\w+)/g))
      expect(Object.keys(action.outputs)).toContain(output);
  });

  it("give the command line options that it knows", () => {
    const { "valkey-drill": job } = parse(readFileSync(join(ROOT, "examples/gitlab-ci.yml"), "utf8")) as {
      "valkey-drill": { script: string[] };
    };
    const [words = ""] = job.script;
    const help = execFileSync("node", [join(ROOT, "dist/cli/main.js"), "run", "--help"], {
      encoding: "utf8",
    });
    expect(words).toMatch(/^npx --yes valkey-drill run /);
    for (const [option] of words.matchAll(/--(?!yes)[a-z]+/g)) expect(help).toContain(option);
  });
});

/** Runs the action's step with these inputs and the defaults of the others. */
async function workflow(inputs: Record<string, string>) {
  const [step] = action.runs.steps;
  if (step === undefined) throw new Error("action.yml has no step");
  const files = mkdtempSync(join(workspace, "runner-"));
  const [output, summary] = [join(files, "output"), join(files, "summary")];
  writeFileSync(output, "");
  writeFileSync(summary, "");
  const own = Object.entries(step.env).map(([name, text]) => {
    const input = /inputs\.(\w+)/.exec(text)?.[1] ?? "";
    return [name, inputs[input] ?? action.inputs[input]?.default ?? ""];
  });
  const child = spawn("bash", ["-e", "-o", "pipefail", "-c", step.run], {
    cwd: workspace,
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      ...Object.fromEntries(own),
      GITHUB_ACTIONS: "true",
      GITHUB_ACTION_PATH: ROOT,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
    },
  });
  let stdout = "";
  child.stdout.on("data", (bytes) => {
    stdout += bytes;
  });
  const [code] = await once(child, "close");
  return {
    code,
    stdout,
    outputs: outputsOf(readFileSync(output, "utf8")),
    summary: readFileSync(summary, "utf8"),
  };
}

/** As a runner reads $GITHUB_OUTPUT: `name=value`, or `name<<MARK`, lines, and the mark. */
function outputsOf(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? "";
    const [, name = "", mark] = /^(\w+)<<(\w+)$/.exec(line) ?? [];
    if (mark === undefined) {
      const [, single = "", value = ""] = /^(\w+)=(.*)$/.exec(line) ?? [];
      if (single) outputs[single] = value;
      continue;
    }
    const end = lines.indexOf(mark, at);
    outputs[name] = lines.slice(at + 1, end).join("\n");
    at = end;
  }
  return outputs;
}
