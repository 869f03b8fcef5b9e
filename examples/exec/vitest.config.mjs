import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["vitest.test.mjs"],
    globalSetup: "./vitest-global-setup.mjs",
    fileParallelism: false, // the tests share one topology
  },
});
