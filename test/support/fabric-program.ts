import { type Build, build } from "./build.ts";

let built: Build | undefined;

/**
 * The program of the fabric in a form that this Node can run: Node 20 runs no TypeScript. Compiled by the first test that
 * needs it, and removed when the tests of that file are over.
 */
export function fabricProgram(): string {
  if (!built) {
    const made = build(["driver/fabric/main"]);
    built = made;
    process.once("exit", () => made.remove());
  }
  return built.module("driver/fabric/main");
}
