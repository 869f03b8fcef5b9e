import { InvalidArgumentError, Option } from "commander";
import { MAX_SEED } from "../base/random.ts";
import { CLIENTS } from "../client/registry.ts";

/** Options that several commands share. */
export interface ServerOptions {
  readonly valkey?: string;
  readonly driver: string;
}

/** The drivers, the default one first. */
export const DRIVERS = ["process", "docker"] as const;

export const valkeyOption = () =>
  new Option(
    "--valkey <version|path>",
    "server to use: a version (8.0, 8.1, 9.1) or the path of one; with docker a version or an image",
  );
export const driverOption = () =>
  new Option("--driver <name>", "what runs the nodes").choices(DRIVERS).default(DRIVERS[0]);
export const clientOption = () =>
  new Option("--client <name>", "client library, in place of the scenario's").choices(
    CLIENTS.map((client) => client.name),
  );
export const seedOption = () =>
  new Option(
    "--seed <n>",
    "seed of everything random; default: a new one, printed with the result",
  ).argParser(wholeNumber(0, MAX_SEED));
export const outOption = () =>
  new Option("--out <dir>", "where run folders are made and found").default("runs");
export const jsonOption = () => new Option("--json", "print JSON on standard output, and nothing else there");
export const quietOption = () => new Option("--quiet", "no progress");

/** Reads a whole number within bounds, both included. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}
