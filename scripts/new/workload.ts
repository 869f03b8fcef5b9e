import type { Addition, Name } from "./add.ts";
import { addRows, all, register } from "./edit.ts";

/** A steady workload that sets keys at a fixed rate, its test, its line in the registry, and its rows in the guide. */
export function workload({ kebab, camel }: Name): Addition {
  const text = `import { z } from "zod";
import { pause } from "../base/wait.ts";
import type { Workload } from "./workload.ts";

const options = z.strictObject({
  perSecond: z.int().min(1).max(1000).default(20).describe("Operations a second."),
});

const DEADLINE_MS = 1000;

/** What it does, and what a checker can learn from it. How operations end is recorded, and judged elsewhere. */
export const ${camel}: Workload<"${kebab}", typeof options, "steady"> = {
  name: "${kebab}",
  summary: "sets a key of its own, one operation after the other",
  kind: "steady",
  topologies: ["ha", "cluster"],
  options,
  async run({ client, log, random, signal }, { perSecond }) {
    const key = \`${kebab}:\${random.hex(6)}\`; // of its own each time that it is started
    for (let count = 1; !signal.aborted; count += 1) {
      const start = { client: "${kebab}", workload: "${kebab}", f: "set", key, value: \`\${count}\`, shared: true } as const;
      await log.operation(start, async (answeredBy) =>
        String(await client.call(["SET", key, \`\${count}\`], DEADLINE_MS, answeredBy)),
      );
      await pause(1000 / perSecond, signal).catch(() => {}); // aborted: the loop's own condition ends it
    }
  },
};
`;
  const test = `import { afterAll, beforeAll, expect, it } from "vitest";
import type { DrillClient } from "../client/client.ts";
import { startWorkload, type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import { ${camel} } from "./${kebab}.ts";

let environment: TestEnvironment;
let client: DrillClient;

beforeAll(async () => {
  environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
  client = await environment.connect();
}, 60_000);
afterAll(async () => {
  await client?.close();
  await environment?.close();
});

it("records each operation, and ends when it is stopped", { timeout: 30_000 }, async () => {
  const started = await startWorkload(environment, client, ${camel}, { perSecond: 200 });
  const done = () => started.endsSince(0).filter((how) => how === "ok").length;
  await until("five operations", async () => done() >= 5 || \`\${done()} ended\`);
  const { operations } = await started.end();
  expect(new Set(operations.map(({ outcome }) => outcome))).toEqual(new Set(["ok"]));
  const { key = "" } = operations[0] ?? {};
  expect(await environment.admins.of("primary").call(["GET", key])).toBe(\`\${operations.length}\`);
});
`;
  return {
    files: { [`src/workload/${kebab}.ts`]: text, [`src/workload/${kebab}.integration.test.ts`]: test },
    edits: {
      "src/workload/registry.ts": register(
        `import { ${camel} } from "./${kebab}.ts";`,
        "const ALL = [",
        camel,
      ),
      "docs/guide.md": all(
        addRows(
          "| workload | step | on | what it does |",
          `| \`${kebab}\` | \`start\` | ha, cluster | sets a key of its own, one operation after the other |`,
        ),
        addRows(
          "| workload | option | meaning, unit, limits | default |",
          `| \`${kebab}\` | \`perSecond\` | operations a second; 1 to 1000 | 20 |`,
        ),
      ),
    },
    begins: "It sets a key again and again. Make it your own, then:",
    next: [
      "npx vitest run -u src/scenario/json-schema.test.ts   # the schema for editors",
      `npx vitest run src/workload/${kebab}.integration.test.ts   # with a real server`,
      "npx vitest run test/structure.test.ts test/docs.test.ts",
    ],
  };
}
