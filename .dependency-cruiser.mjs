/*
 * Which module may import what: docs/architecture.md as a program. test/structure.test.ts applies it to src/, and
 * `npx depcruise src` does so by hand. A new entry in the table is a decision, not a repair of a test.
 *
 * Data flows one way: scenario → topology → driver → client → workload → history → check → report. What stands below
 * `history` imports nothing above it, so a saved run can be judged and drawn anywhere.
 */

/**
 * For each module of src/ the modules that it may import besides itself, and the npm packages. `*`: all modules.
 * `pure`: it computes and touches no file, no clock and no network, so it imports nothing of `node:`.
 */
export const MODULES = {
  model: { imports: [], packages: ["zod"], pure: true },
  base: { imports: ["model"], packages: ["@peculiar/x509", "fastest-levenshtein", "reflect-metadata"] },
  valkey: { imports: ["base", "model"], packages: ["iovalkey", "zod"] },
  topology: { imports: ["base", "model"], packages: ["zod"], pure: true },
  driver: { imports: ["base", "model", "topology", "valkey"], packages: ["yaml", "zod"] },
  client: { imports: ["base", "model", "valkey"], packages: ["cockatiel"] },
  libraries: {
    imports: ["base", "client", "model", "valkey"],
    packages: ["@valkey/valkey-glide", "ioredis", "iovalkey", "redis"],
  },
  fault: { imports: ["base", "driver", "model", "valkey"], packages: ["zod"] },
  observe: { imports: ["base", "model", "valkey"], packages: ["iovalkey"] },
  history: { imports: ["base", "model"], packages: ["edn-data", "zod"] },
  workload: { imports: ["base", "client", "history", "model", "valkey"], packages: ["zod"] },
  // What "the service is well" means, for whoever asks: while operations come, or of a whole history.
  service: { imports: ["base", "history", "model"], packages: [], pure: true },
  check: { imports: ["base", "history", "model", "service"], packages: [], pure: true },
  // From settings alone: what `check` measures of a run, said before there is one.
  advise: { imports: ["base", "check", "model", "topology"], packages: [], pure: true },
  // What a report shows is made above `check`: a report gets plain data, and can be fed while a run goes on.
  "report-model": { imports: ["base", "check", "history", "model"], packages: [], pure: true },
  report: {
    imports: ["base", "model"],
    packages: ["cli-table3", "junit-report-builder", "listr2", "zod"],
  },
  "report/html/page": { imports: ["base", "model", "report"], packages: ["preact", "uplot", "vite"] },
  dashboard: {
    imports: ["base", "history", "model", "report-model", "service"],
    packages: ["@hono/node-server", "hono", "zod"],
  },
  "dashboard/page": { imports: ["dashboard", "model", "report"], packages: ["preact", "uplot", "vite"] },
  // Nested folders are checked one by one: `read` touches files, `story` computes.
  explain: { imports: ["base", "check", "history", "model", "report-model"], packages: ["yaml", "zod"] },
  "explain/story": {
    imports: ["base", "check", "explain", "history", "model", "report-model"],
    packages: ["yaml", "zod"],
    pure: true,
  },
  scenario: {
    imports: [
      ...["base", "check", "client", "driver", "fault", "history", "libraries"],
      ...["model", "observe", "service", "topology", "workload"],
    ],
    packages: ["yaml", "zod"],
  },
  // The life of one recorded environment. `run`, `live`, `bakeoff` and `api` are its users.
  session: {
    imports: [
      ...["base", "check", "client", "driver", "fault", "history", "libraries"],
      ...["model", "observe", "scenario", "topology", "valkey", "workload"],
    ],
    packages: [],
  },
  run: {
    imports: [
      ...["app", "base", "driver", "fault", "history", "libraries"],
      ...["model", "scenario", "session", "topology"],
    ],
    packages: ["zod"],
  },
  live: {
    imports: [
      ...["base", "driver", "fault", "history", "libraries", "model", "observe"],
      ...["run", "scenario", "session", "topology", "valkey", "workload"],
    ],
    packages: ["zod"],
  },
  campaign: {
    imports: ["base", "driver", "fault", "history", "model", "run", "scenario", "workload"],
    packages: ["yaml", "zod"],
  },
  bakeoff: {
    imports: [
      ...["base", "check", "client", "driver", "fault", "history", "libraries"],
      ...["model", "observe", "scenario", "service", "session", "topology", "valkey"],
    ],
    packages: ["zod"],
  },
  // An application under the drill: started, asked by its probes, and watched. What it is told of the topology is
  // computed from the plan alone.
  app: {
    imports: ["base", "driver", "history", "model", "scenario", "service", "valkey", "workload"],
    packages: [],
  },
  "app/env": { imports: ["base", "model"], packages: [], pure: true },
  api: {
    imports: [
      ...["app/env", "base", "check", "driver", "fault", "history", "libraries", "model"],
      ...["observe", "report-model", "report", "run", "scenario", "session", "topology"],
      ...["valkey"],
    ],
    packages: ["zod"],
  },
  // Somebody else's command beside a topology that it can break, over HTTP on the loopback.
  exec: {
    imports: [
      ...["api", "app", "base", "driver", "fault", "history", "model", "observe"],
      ...["run", "scenario", "session", "topology", "valkey"],
    ],
    packages: ["@hono/node-server", "hono", "zod"],
  },
  cli: { imports: ["*"], packages: ["commander"] },
  index: { imports: ["*"], packages: ["zod"] },
};

const TEST = String.raw`\.(test|test-data)\.tsx?$`;
/** The pages are built into one file each, by Vite, from packages that are installed for development only. */
const PAGES = ["report/html/page", "dashboard/page"];
/** Implementations of one interface. What joins them stands above them, in `api`. */
const APART = ["driver/process", "driver/docker"];

export default {
  forbidden: [
    {
      name: "no-cycle",
      comment: "Files that import each other, types included. Move what both need into a file of its own.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unknown-file",
      comment: "Nothing stands there, or the package is not installed.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-tests",
      comment: "Code that is shipped imports nothing of the tests.",
      severity: "error",
      from: { path: "^src/", pathNot: TEST },
      to: { path: [TEST, "^(test|bench|scripts)/"] },
    },
    {
      name: "no-development-package",
      comment: "Whoever installs the package does not get it.",
      severity: "error",
      from: { path: "^src/", pathNot: [TEST, `^src/(${PAGES.join("|")})/`] },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm-peer", "npm"] },
    },
    {
      name: "pages-alone",
      comment: "A page runs in a browser. The rest knows it as the file that it was built into.",
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(${PAGES.join("|")})/` },
      to: { path: `^src/(${PAGES.join("|")})/` },
    },
    ...Object.entries(MODULES).flatMap(([name, module]) => rulesOf(name, module)),
    ...APART.map((folder) => ({
      name: `${folder}-alone`,
      comment:
        "One driver does not know the other. The sweep of dead environments gives back the ports of both.",
      severity: "error",
      from: { path: `^src/${folder}/`, pathNot: [TEST, "^src/driver/docker/docker-driver[.]ts$"] },
      to: { path: `^src/(${APART.filter((other) => other !== folder).join("|")})/` },
    })),
  ],
  options: {
    tsPreCompilationDeps: true, // imports of types count
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
    },
  },
};

function rulesOf(name, { imports, packages, pure = false }) {
  const inside = Object.keys(MODULES).filter((other) => other.startsWith(`${name}/`));
  const from = {
    path: pathOf(name),
    pathNot: [TEST, ...inside.map(pathOf)],
  };
  const rules = [
    {
      name: `${name}-packages`,
      comment: `${name} may import only these packages: ${packages.join(", ") || "none"}.`,
      severity: "error",
      from,
      to: { path: "node_modules/", pathNot: packages.map((one) => `node_modules/(@types/)?${one}/`) },
    },
  ];
  if (!imports.includes("*")) {
    rules.push({
      name: `${name}-imports`,
      comment: `${name} may import only these modules: ${imports.join(", ") || "none"}.`,
      severity: "error",
      from,
      to: { path: "^src/", pathNot: [name, ...imports].map((one) => pathOf(one)) },
    });
  }
  if (pure) {
    rules.push({
      name: `${name}-pure`,
      comment: `${name} computes, and touches no file, no clock and no network.`,
      severity: "error",
      from,
      to: { dependencyTypes: ["core"] },
    });
  }
  return rules;
}

/** A folder of src/, or a file of that name. */
function pathOf(name) {
  return `^src/${name}(/|[.]ts$)`;
}
