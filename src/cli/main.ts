#!/usr/bin/env node
import { exitCodeOf, tellError } from "./exit.ts";
import { createProgram } from "./program.ts";

try {
  await createProgram().parseAsync();
} catch (error) {
  tellError(error);
  process.exitCode = exitCodeOf(error);
}
