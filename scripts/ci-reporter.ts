import type { Reporter, SerializedError, TestModule, TestRunEndReason } from "vitest/node";

/**
 * Prints `N passed, N failed` (and `, N skipped`, if any) as the very last line, for programs to read. What was not
 * collected or went wrong outside a test counts as failed, and so does each step that `.ci/run` names in
 * `CI_FAILED_STEPS`: the line never says 0 where something failed.
 */
export default class CiReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    const steps = failedSteps();
    const counts = { passed: 0, failed: unhandled.length + steps.length, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[stateOf(test.result().state, reason)] += 1;
      counts.failed += module.errors().length;
      for (const suite of module.children.allSuites()) counts.failed += suite.errors().length;
    }
    if (counts.passed + counts.failed === 0) counts.failed = 1; // nothing ran: that is no success
    if (counts.failed > 0) process.exitCode = 1;
    const told = steps.length > 0 ? `failed before the tests: ${steps.join(", ")}\n` : "";
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    // At the exit: Vitest and the other reporters have said everything by then.
    process.once("exit", () =>
      process.stdout.write(`\n${told}${counts.passed} passed, ${counts.failed} failed${skipped}\n`),
    );
  }
}

/** A test that was never decided (an interrupted run) has not passed. */
function stateOf(
  state: "passed" | "failed" | "skipped" | "pending",
  reason: TestRunEndReason,
): "passed" | "failed" | "skipped" {
  if (state === "pending") return reason === "interrupted" ? "skipped" : "failed";
  return state;
}

function failedSteps(): string[] {
  return (process.env.CI_FAILED_STEPS ?? "").split(" ").filter((step) => step !== "");
}
