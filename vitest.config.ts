import { defineConfig } from "vitest/config";

/*
 *   unit ──▶ integration: modules, five at a time ──▶ programs, three ──▶ drills, two ──▶ containers, one
 *
 * `unit` computes. It starts no process and listens at no port (`no-processes.ts` sees to that), so it is quick, and
 * says the same on a busy machine. What starts servers or programs is `integration`: `src/…/x.integration.test.ts`, and
 * what stands in `test/`.
 *
 * Drills mostly wait, but they measure outages: beside each other they run, beside what keeps a core busy they do not.
 * Containers are counted, so who starts some is alone. `groupOrder` starts a project when those before it are done.
 * `npm test` leaves out what is tagged "long"; `npm run test:all` does not.
 */
const files = (...names: readonly string[]) => names.map((name) => `test/${name}.test.ts`);
/** Of `test/`, what only reads the sources and the documentation. */
const READING = files("core-names", "docs", "history-format", "imports", "readme-ko", "structure");
const DRILLS = files(
  "example-apps",
  "drills",
  "controls",
  "link-drills",
  "many-failures",
  "live",
  "stopped-tool",
  "explain",
);
const CONTAINERS = files("docker", "docker-compose", "docker-link-drills");
const INTEGRATION = "src/**/*.integration.test.ts";

/** For tests that start servers. */
const servers = {
  setupFiles: ["test/support/own-state.ts"],
  pool: "forks" as const,
  globalSetup: ["test/support/fetch-server.ts", "test/support/find-docker.ts"],
  testTimeout: 10_000,
  hookTimeout: 60_000,
};
/** For tests that start the program as users have it. */
const program = {
  ...servers,
  globalSetup: [...servers.globalSetup, "test/support/build-program.ts"],
  testTimeout: 120_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    globalSetup: ["test/support/run-folder.ts"],
    tags: [
      {
        name: "long",
        description: "Takes so long that the gate leaves it out: `npm run test:all` runs it.",
      },
    ],
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          setupFiles: ["test/support/no-processes.ts"],
          pool: "forks",
          include: ["src/**/*.test.ts", ...READING],
          exclude: [INTEGRATION],
          maxWorkers: 5,
          isolate: false, // to start a process for each of them took a quarter of the time
          testTimeout: 300_000, // ends what hangs; how long a test takes is the machine's affair
          hookTimeout: 300_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...servers,
          name: "integration",
          include: [INTEGRATION],
          maxWorkers: 5,
          isolate: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...program,
          name: "integration-programs",
          include: ["test/**/*.test.ts"],
          exclude: [...READING, ...DRILLS, ...CONTAINERS],
          maxWorkers: 3,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          ...program,
          name: "integration-drills",
          include: DRILLS,
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        extends: true,
        test: {
          ...program,
          name: "integration-containers",
          include: CONTAINERS,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});
