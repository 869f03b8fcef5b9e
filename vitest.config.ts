import { defineConfig } from "vitest/config";

/*
 *   unit: three files at a time  ──▶  programs: two files at a time  ──▶  drills: one file at a time
 *
 * Drills measure outages, so nothing else may run beside them: `groupOrder` starts them when all others are done.
 * `npm test` leaves out what is tagged "long"; `npm run test:all` does not.
 */
const common = { setupFiles: ["test/support/own-state.ts"], pool: "forks" as const };
const DRILLS = [
  "drills",
  "controls",
  "link-drills",
  "many-failures",
  "docker",
  "docker-compose",
  "docker-link-drills",
  "live",
].map((name) => `test/${name}.test.ts`);

export default defineConfig({
  test: {
    globalSetup: ["test/support/fetch-server.ts", "test/support/find-docker.ts"],
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
          maxWorkers: 3,
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
          exclude: DRILLS,
          globalSetup: ["test/support/build-program.ts"],
          maxWorkers: 2,
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
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
