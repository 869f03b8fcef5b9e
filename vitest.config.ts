import { defineConfig } from "vitest/config";

/*
 *   globalSetup (one server in the cache)  ──▶  unit: at most two files at a time  ──▶  drills: one file at a time
 *
 * Drills measure outages, so nothing else may run beside them: `groupOrder` starts them when the units are done.
 */
const common = { setupFiles: ["test/support/own-state.ts"], pool: "forks" as const };

export default defineConfig({
  test: {
    globalSetup: ["test/support/fetch-server.ts", "test/support/find-docker.ts"],
    projects: [
      {
        extends: true,
        test: {
          ...common,
          name: "unit",
          include: ["src/**/*.test.ts"],
          maxWorkers: 2,
          testTimeout: 10_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          ...common,
          name: "drills",
          include: ["test/**/*.test.ts"],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
