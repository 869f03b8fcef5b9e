import type { Addition, Name } from "./add.ts";
import { addRows, register } from "./edit.ts";

/** A checker of the workload of that name, its test with histories good and bad, its line in the registry, its row in the guide. */
export function checker({ kebab, camel }: Name): Addition {
  const text = `import { type Checker, plural } from "./checker.ts";
import type { Facts } from "./facts.ts";
import { ran, somethingAcknowledged } from "./workloads.ts";

/** The question that it asks. Pure: the same history gives the same answer. */
export const ${camel}: Checker = {
  name: "${kebab}",
  summary: "the last operation of ${kebab} was answered",
  applies: (facts) => ran(facts, "${kebab}"),
  requires(facts) {
    const operations = operationsOf(facts);
    return [somethingAcknowledged({ noun: "operation", workload: "${kebab}", operations })];
  },
  check(facts) {
    const operations = operationsOf(facts);
    const last = operations.at(-1);
    if (last?.outcome === "ok")
      return { verdict: "pass", summary: \`\${plural(operations.length, "operation")}, the last one answered\`, evidence: {} };
    const why = last?.error?.message ?? "no answer";
    if (last?.outcome === "info")
      return { verdict: "unknown", summary: \`nobody knows how the last one ended: \${why}\`, evidence: { reason: "end-unknown" } };
    return { verdict: "fail", summary: \`the last operation failed: \${why}\`, evidence: { reason: "last-failed" } };
  },
};

function operationsOf({ operations }: Facts) {
  return operations.filter(({ workload }) => workload === "${kebab}");
}
`;
  const test = `import { describe, expect, it } from "vitest";
import { factsOf } from "./facts.ts";
import { type Ending, haRun } from "./history.test-data.ts";
import { ${camel} } from "./${kebab}.ts";

const start = { client: "${kebab}", workload: "${kebab}", f: "set", key: "a", value: "1" };
const ended = (ending: Ending) => factsOf(haRun().operation(start, 1, ending).end(10).build());

describe("${kebab}", () => {
  it("passes where the last operation was answered", () => {
    expect(${camel}.check(ended({ outcome: "ok", value: "OK" }))).toMatchObject({ verdict: "pass" });
  });

  it("last-failed: fails where it surely was not done", () => {
    const facts = ended({ outcome: "fail", error: "READONLY You can't" });
    expect(${camel}.check(facts)).toMatchObject({ verdict: "fail", evidence: { reason: "last-failed" } });
  });

  it("end-unknown: is unknown where nobody knows", () => {
    const facts = ended("never");
    expect(${camel}.check(facts)).toMatchObject({ verdict: "unknown", evidence: { reason: "end-unknown" } });
  });

  it("is not judged where it did not run", () => {
    expect(${camel}.applies(factsOf(haRun().probe({ from: 0, to: 100 }).end(200).build()))).toBe(false);
  });
});
`;
  return {
    files: { [`src/check/${kebab}.ts`]: text, [`src/check/${kebab}.test.ts`]: test },
    edits: {
      "src/check/registry.ts": register(
        `import { ${camel} } from "./${kebab}.ts";`,
        "const checkers: Checker[] = [",
        camel,
      ),
      "docs/guide.md": addRows(
        "| check | applies when | passes when |",
        `| \`${kebab}\` | \`${kebab}\` ran | its last operation was answered |`,
      ),
    },
    begins: "It judges the workload of that name. Make it your own, then:",
    next: [
      `npx vitest run src/check/${kebab}.test.ts src/check/judge.test.ts`,
      "npx vitest run test/structure.test.ts test/docs.test.ts",
    ],
  };
}
