import { type Build, build } from "./build.ts";

let built: Build | undefined;

/**
 * The program of the fabric in a form that this Node can run: Node 20 runs no TypeScript. Compiled by the first test
 * that needs it.
 */
export function fabricProgram(): string {
  built ??= build(["driver/fabric/main"]);
  return built.module("driver/fabric/main");
}
