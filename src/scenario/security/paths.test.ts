import { join } from "node:path";
import { expect, it } from "vitest";
import { readScenario } from "../load.ts";

it("a scenario of a program names its files so that they are found from the folder of its run, too", async () => {
  const scenario = await readScenario({
    name: "t",
    description: "d",
    topology: { kind: "ha", auth: { password: { file: "secret" } } },
    steps: [{ run: "crud" }],
  });
  expect(scenario.topology.auth).toMatchObject({ password: { file: join(process.cwd(), "secret") } });
});
