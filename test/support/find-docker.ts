import { execFileSync } from "node:child_process";
import { FABRIC_IMAGES } from "../../src/driver/docker/engine.ts";
import { DOCKER_PROBLEM, NO_LINKS, TEST_IMAGE } from "./docker.ts";

/** The image that tests use is given, built by `scripts/build-test-image.sh`, or the official one if it is there. */
const IMAGES = [process.env.VALKEY_IMAGE, "valkey-drill/valkey:8.1", "valkey/valkey:8.1"];

/**
 * Looks once, before all tests, for a Docker Engine with Compose and an image. Without one the tests that need it are
 * skipped, and one line says so; where VALKEY_DRILL_REQUIRE_DOCKER is 1 (in CI) a test fails with that line. Pulls
 * nothing.
 */
export default function findDocker(): void {
  if (process.env[TEST_IMAGE] ?? process.env[DOCKER_PROBLEM]) return; // Vitest sets up once for each of its projects
  const problem = look();
  if (problem === undefined) {
    lookForNode();
    return;
  }
  process.env[DOCKER_PROBLEM] = problem;
  process.stderr.write(`Tests that need Docker are skipped: ${problem}\n`);
}

function look(): string | undefined {
  if (!succeeds(["version"])) return "no Docker Engine answers";
  if (!succeeds(["compose", "version"])) return "docker has no Compose v2";
  const image = IMAGES.find((name) => name && succeeds(["image", "inspect", name]));
  if (image === undefined) return `there is none of the images ${IMAGES.filter(Boolean).join(", ")}`;
  process.env[TEST_IMAGE] = image; // for the processes that run the tests
  return undefined;
}

/**
 * Links between containers are carried by Node. Where Docker is required, the tests that need it find out by
 * themselves.
 */
function lookForNode(): void {
  const images = [process.env.VALKEY_DRILL_FABRIC_IMAGE, ...FABRIC_IMAGES];
  if (process.env.VALKEY_DRILL_REQUIRE_DOCKER === "1") return;
  if (images.some((name) => name && succeeds(["image", "inspect", name]))) return;
  process.env[NO_LINKS] = "1";
  process.stderr.write(
    `Tests of links between containers are skipped: none of the images ${FABRIC_IMAGES.join(", ")}\n`,
  );
}

function succeeds(args: readonly string[]): boolean {
  try {
    execFileSync("docker", args, { stdio: "ignore", timeout: 10_000 });
    return true;
  } catch {
    return false;
  }
}
