#!/usr/bin/env node
import { DrillError } from "../model/errors.ts";
import { exitCodeOf, tellError } from "./exit.ts";
import { surviveClosedOutput } from "./output.ts";
import { createProgram, loadGivenPlugins } from "./program.ts";

surviveClosedOutput();
try {
  await loadGivenPlugins(process.argv.slice(2));
  const program = await createProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  tellError(error);
  process.exitCode = exitCodeOf(error);
  // All is stopped and written. What a workload still waits for, an answer or its next attempt, is nobody's any more.
  if (error instanceof DrillError && error.code === "INTERRUPTED") process.exit();
}
