import type { Addition, Name } from "./add.ts";
import { addRows, register } from "./edit.ts";

/**
 * The folder of a client library, its line in the registry, and its row in the guide. Until its adapters are written it says of
 * itself that it cannot be used, and every command that is asked for it says so too.
 */
export function client({ kebab, camel }: Name): Addition {
  const text = `import { DrillError } from "../../model/errors.ts";
import type { ClientLibrary } from "../library.ts";
import { installedVersion } from "../packages.ts";

/** Say \`true\` for a way to find servers once \`connect\` and \`open\` know it. */
const NOT_YET = { why: "has no adapter for that yet", issue: "See src/libraries/${kebab}/index.ts." };
const SETTINGS = { settings: [], listensForErrors: true };
const PROFILE = { ha: SETTINGS, cluster: SETTINGS, dns: SETTINGS };

/** Whose library it is, and what is special about it. Its package is imported in \`connect\` and \`open\`, not above. */
export const ${camel}: ClientLibrary<"${kebab}"> = {
  name: "${kebab}",
  packageName: "${kebab}",
  version: installedVersion("${kebab}"),
  summary: "the package ${kebab}",
  supports: { ha: NOT_YET, cluster: NOT_YET, dns: NOT_YET },
  errors: [],
  snippet: ({ kind }) => \`// ${kebab} \${NOT_YET.why} (\${kind})\`,
  tells: { whoAnswered: false, redirects: false, connections: false },
  recovery: { ha: { setting: "", value: "" }, cluster: { setting: "", value: "" } },
  connect: async ({ target }) => {
    throw new DrillError("BAD_USAGE", \`${kebab} \${NOT_YET.why} (\${target.kind})\`);
  },
  profiles: { default: PROFILE, tuned: PROFILE },
  open: async ({ target }) => {
    throw new DrillError("BAD_USAGE", \`${kebab} \${NOT_YET.why} (\${target.kind})\`);
  },
};
`;
  return {
    files: { [`src/libraries/${kebab}/index.ts`]: text },
    edits: {
      "src/libraries/registry.ts": register(
        `import { ${camel} } from "./${kebab}/index.ts";`,
        "const ALL = [",
        camel,
      ),
      "docs/guide.md": addRows(
        "| `--client` | package | new primary found by |",
        `| \`${kebab}\` | \`npm i ${kebab}\` | |`,
      ),
    },
    begins: "It says of itself that it cannot be used yet. Write connect and open, then:",
    next: [
      "npx vitest run -u src/scenario/json-schema.test.ts   # the schema for editors",
      "npx vitest run src/libraries/registry.test.ts",
      "npx vitest run src/libraries/one-attempt.integration.test.ts   # once it supports something",
      "npx vitest run test/structure.test.ts test/docs.test.ts",
    ],
  };
}
