import { defineConfig } from "vitest/config";

/*
 *   unit: five files at a time ──▶ programs: three ──▶ drills: two ──▶ containers: one
 *
 * Drills mostly wait, but they measure outages: beside each other they run, beside what keeps a core busy they do not. Containers are
 * counted, so who starts some is alone. `groupOrder` starts a project when those before it are done.
 * `npm test` leaves out what is tagged "long"; `npm run test:all` does not.
 */
const common = { setupFiles: ["test/support/own-state.ts"], pool: "forks" as const };
const files = (...names: readonly string[]) => names.map((name) => `test/${name}.test.ts`);
const DRILLS = files("drills", "controls", "link-drills", "many-failures", "live", "stopped-tool");
const CONTAINERS = files("docker", "docker-compose", "docker-link-drills");

export default defineConfig({
  test: {
    globalSetup: [
      "test/support/run-folder.ts",
      "test/support/fetch-server.ts",
      "test/support/find-docker.ts",
    ],
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
          ...common,
          name: "unit",
          include: ["src/**/*.test.ts"],
          maxWorkers: 5,
          isolate: false, // a process for each of them would take as long as the tests themselves
          testTimeout: 10_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...common,
          name: "programs",
          include: ["test/**/*.test.ts"],
          exclude: [...DRILLS, ...CONTAINERS],
          globalSetup: ["test/support/build-program.ts"],
          maxWorkers: 3,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...common,
          name: "drills",
          include: DRILLS,
          globalSetup: ["test/support/build-program.ts"],
          maxWorkers: 2,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          ...common,
          name: "containers",
          include: CONTAINERS,
          globalSetup: ["test/support/build-program.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
