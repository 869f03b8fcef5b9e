import { defineConfig } from "vitest/config";

/*
 *   unit: five files at a time ──▶ programs: three ──▶ drills: two ──▶ containers: one
 *
 * Drills mostly wait, but they measure outages: beside each other they run, beside what keeps a core busy they do not. Containers are
 * counted, so who starts some is alone. `groupOrder` starts a project when those before it are done.
 * `npm test` leaves out what is tagged "long"; `npm run test:all` does not.
 */
const common = { setupFiles: ["test/support/own-state.ts"], pool: "forks" as const };
/** For tests that start the program as users have it. */
const program = {
  ...common,
  globalSetup: ["test/support/build-program.ts"],
  testTimeout: 120_000,
  hookTimeout: 120_000,
};
const files = (...names: readonly string[]) => names.map((name) => `test/${name}.test.ts`);
const DRILLS = files("drills", "controls", "link-drills", "many-failures", "live", "stopped-tool", "explain");
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
          isolate: false, // to start a process for each of them took a quarter of the time
          testTimeout: 10_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...program,
          name: "programs",
          include: ["test/**/*.test.ts"],
          exclude: [...DRILLS, ...CONTAINERS],
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          ...program,
          name: "drills",
          include: DRILLS,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        extends: true,
        test: {
          ...program,
          name: "containers",
          include: CONTAINERS,
          fileParallelism: false,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
