import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/temporary.ts";
import { readScenario } from "./load.ts";

it("a scenario of a program names its files so that they are found from the folder of its run, too", async () => {
  const plugin = join(temporaryFolder("plugin"), "mine.mjs");
  const checker = '{ name: "mine", summary: "s", applies() {}, requires() {}, check() {} }';
  await writeFile(plugin, `export default { checkers: [${checker}] };\n`);
  const scenario = await readScenario({
    name: "t",
    description: "d",
    plugins: [relative(process.cwd(), plugin)],
    topology: { kind: "ha", auth: { password: { file: "secret" } } },
    steps: [{ run: "crud" }],
  });
  expect(scenario.plugins).toEqual([plugin]);
  expect(scenario.topology.auth).toMatchObject({ password: { file: join(process.cwd(), "secret") } });
});
