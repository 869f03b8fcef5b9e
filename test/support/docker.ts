import { execFileSync } from "node:child_process";
import {
  type DockerDriverOptions,
  dockerDriver,
  type Engine,
  openEngine,
} from "../../src/driver/docker/index.ts";
import type { Driver } from "../../src/driver/driver.ts";
import { fabricProgram } from "./fabric-program.ts";

/** Set by `find-docker.ts`, before all tests: the image to use. Absent: no Docker here, skip. */
export const TEST_IMAGE = "VALKEY_DRILL_TEST_IMAGE";

/** Set by `find-docker.ts` if there is no Docker to test with: why. */
export const DOCKER_PROBLEM = "VALKEY_DRILL_TEST_DOCKER_PROBLEM";

/** Set by `find-docker.ts` if there is no image that could carry links between containers. */
export const NO_LINKS = "VALKEY_DRILL_TEST_NO_LINKS";

export const testImage = process.env[TEST_IMAGE];

/** Links between containers can be tested here. */
export const testLinks = testImage !== undefined && process.env[NO_LINKS] === undefined;

let engine: Promise<Engine> | undefined;

export function testEngine(): Promise<Engine> {
  engine ??= openEngine({ valkey: testImage });
  return engine;
}

/** The Docker driver, with a fabric that the Node in its container can run. */
export async function testDockerDriver(options: DockerDriverOptions = {}): Promise<Driver> {
  return dockerDriver(await testEngine(), {
    ...options,
    get fabricProgram() {
      return fabricProgram(); // only where it is needed: compiling takes a second or two
    },
  });
}

/** Runs docker and returns what it printed. */
export function dockerText(args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  return execFileSync("docker", args, {
    encoding: "utf8",
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  }).trimEnd();
}

/** Names of all containers, networks and volumes with the label, those of that environment or of any. */
export function labelled(id?: string): string[] {
  const filter = `label=valkey-drill.id${id === undefined ? "" : `=${id}`}`;
  return [
    dockerText(["ps", "-a", "--filter", filter, "--format", "container {{.Names}}"]),
    dockerText(["network", "ls", "--filter", filter, "--format", "network {{.Name}}"]),
    dockerText(["volume", "ls", "--filter", filter, "--format", "volume {{.Name}}"]),
  ].flatMap((text) => text.split("\n").filter(Boolean));
}
