import type { Addition, Name } from "./add.ts";
import { addRows, all, register } from "./edit.ts";

/** A fault that holds up writes, its line in the registry, what is seen at the servers, and its rows in the guide. */
export function fault({ kebab, camel }: Name): Addition {
  const specs = `${camel.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}_SPECS`;
  const text = `import { z } from "zod";
import type { Fault } from "./fault.ts";
import { changesNoRole } from "./roles.ts";

const options = z.strictObject({
  forMs: z.int().min(1).max(600_000).default(60_000).describe("It ends by itself after this, if nobody heals it."),
});

/** What it does to the server, and which accident it stands for. */
export const ${camel}: Fault<"${kebab}", typeof options> = {
  kind: "${kebab}",
  summary: "CLIENT PAUSE WRITE: writes wait, reads go on; heal lets them through",
  needs: [],
  dataNodesOnly: true,
  options,
  means: changesNoRole,
  label: (targets) => \`writes of \${targets.join(", ")} held up\`,
  inject: async ({ admins }, targets, { forMs }) => {
    await Promise.all(targets.map((target) => admins.of(target).call(["CLIENT", "PAUSE", forMs, "WRITE"])));
  },
  heal: async ({ admins }, targets) => {
    await Promise.all(targets.map((target) => admins.of(target).call(["CLIENT", "UNPAUSE"])));
  },
};
`;
  const spec = `import { expect } from "vitest";
import { allWell, type FaultSpec } from "./servers.ts";

export const ${specs}: readonly FaultSpec[] = [
  {
    fault: "${kebab}",
    does: "writes wait, reads are answered",
    targets: ["primary"],
    inForce: async (see) => {
      await expect(see.ask("primary", "SET", "${kebab}", "1")).rejects.toMatchObject({ code: "COMMAND_FAILED" });
      expect(await see.ask("primary", "GET", "well")).not.toBeInstanceOf(Error);
    },
    healed: allWell,
  },
];
`;
  return {
    files: { [`src/fault/${kebab}.ts`]: text, [`test/support/fault-specs/${kebab}.ts`]: spec },
    edits: {
      "src/fault/registry.ts": register(`import { ${camel} } from "./${kebab}.ts";`, "const ALL = [", camel),
      "test/support/fault-specs/index.ts": register(
        `import { ${specs} } from "./${kebab}.ts";`,
        "export const FAULT_SPECS: readonly FaultSpec[] = [",
        `...${specs}`,
      ),
      "docs/guide.md": all(
        addRows(
          "| fault | what it does | `heal` |",
          `| \`${kebab}\` | \`CLIENT PAUSE WRITE\`: writes wait, reads go on | lets them through |`,
        ),
        addRows(
          "| fault | option | meaning, unit, limits | default |",
          `| \`${kebab}\` | \`forMs\` | it ends by itself after this; 1 to 600000 ms | 60000 |`,
        ),
      ),
    },
    begins: "It holds up writes. Make it your own, then:",
    next: [
      "npx vitest run -u src/scenario/json-schema.test.ts   # the schema for editors",
      `npx vitest run src/fault/fault.integration.test.ts -t ${kebab}   # with a real server`,
      "npx vitest run test/structure.test.ts test/docs.test.ts",
    ],
  };
}
