import { it } from "vitest";
import { drillOf, problems } from "../test/support/drill.ts";
import { loadScenario } from "./scenario/load.ts";
for (const name of (process.env.E5 ?? "").split(","))
  it(name, async () => {
    const scenario = await loadScenario(name);
    const { result, folder } = await drillOf(process.env.CLIENT ? { ...scenario, client: process.env.CLIENT } : scenario);
    const { cpSync } = await import("node:fs");
    console.log(name, result.verdict, JSON.stringify(result.accepted?.map((a) => a.text)), problems(result));
    for (const c of result.checks.filter(({ name }) => ["transaction", "queue", "pubsub"].includes(name)))
      console.log(c.name, c.verdict, c.evidence.reason ?? "", c.summary, JSON.stringify(c.evidence), );
    cpSync(folder.dir, `/tmp/e5/runs/${name.replace("/", "-")}${process.env.CLIENT ?? ""}`, { recursive: true });
  }, 200_000);
