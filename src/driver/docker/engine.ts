import { DrillError, messageOf } from "../../model/errors.ts";
import { isAtLeast } from "../../valkey/version.ts";
import { docker, tryDocker } from "./docker-cli.ts";

/** The first Compose that lets a file replace a list of another (`!override`). */
const LEAST_COMPOSE = "2.24.4";
const ENGINE_TIMEOUT_MS = 10_000;
const PULL_TIMEOUT_MS = 10 * 60_000;

export interface Engine {
  /** The image, as docker is told it. */
  readonly image: string;
  /** Version of the server in it. */
  readonly version: string;
  /** Where ports are published, and clients go. */
  readonly address: string;
  /** The image has the program that limits what a process may write. */
  readonly hasPrlimit: boolean;
  /** An image with Node, which the links can be carried in; undefined: there is none here. */
  readonly fabricImage: string | undefined;
}

/**
 * With Node 20 or later; of those that are there the first is used, which is what `scripts/build-test-image.sh` builds.
 */
export const FABRIC_IMAGES = ["valkey-drill/node:20", "node:22-slim", "node:24-slim", "node:22", "node:24"];

/** Why links cannot be impaired, and what to do. */
export function lacksFabricImage(env: NodeJS.ProcessEnv = process.env): string {
  const { VALKEY_DRILL_FABRIC_IMAGE: given } = env;
  if (given)
    return `The engine has no image ${given}, which VALKEY_DRILL_FABRIC_IMAGE names: docker pull ${given}`;
  return (
    "Links are carried in a container with Node.js, and the engine has no image of it: docker pull " +
    "node:22-slim\n(without a registry: scripts/build-test-image.sh --fabric; another one: VALKEY_DRILL_FABRIC_IMAGE)."
  );
}

export interface EngineOptions {
  /** `--valkey`: a version, or an image. */
  readonly valkey?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly onProgress?: (message: string) => void;
}

/** `8.1` is the official image of that version; anything else is an image. Default: `VALKEY_IMAGE`, or 8.1. */
export function imageOf(valkey: string | undefined, env: NodeJS.ProcessEnv): string {
  if (valkey === undefined) return env.VALKEY_IMAGE || "valkey/valkey:8.1";
  return /^\d+(\.\d+)*$/.test(valkey) ? `valkey/valkey:${valkey}` : valkey;
}

/**
 * Makes sure that there is an engine, Compose v2, and the image, which is pulled if it is missing.
 *
 * @throws DrillError `NO_DOCKER`, `NO_IMAGE`, `BAD_VALKEY`, `BAD_USAGE` for an engine elsewhere without an address
 */
export async function openEngine(options: EngineOptions = {}): Promise<Engine> {
  const { env = process.env, signal, onProgress } = options;
  const quick = { signal, timeoutMs: ENGINE_TIMEOUT_MS };
  await docker(["version", "--format", "{{.Server.Version}}"], quick);
  const compose = (await docker(["compose", "version", "--short"], quick)).replace(/^v/, "");
  if (!isAtLeast(compose, LEAST_COMPOSE)) {
    throw new DrillError("NO_DOCKER", `Compose is ${compose}; needed: ${LEAST_COMPOSE} or later`, {
      hint: "update the plugin: package docker-compose-plugin (docker.com), docker-compose-v2 (Ubuntu)",
    });
  }
  const image = imageOf(options.valkey, env);
  const address = await addressOf(env, signal);
  if ((await tryDocker(["image", "inspect", image], quick)).code !== 0) {
    onProgress?.(`pulling ${image}`);
    await pull(image, signal);
  }
  const [inside, fabricImage] = await Promise.all([lookInto(image, signal), findFabricImage(env, signal)]);
  return { image, address, ...inside, fabricImage };
}

/** Nothing is pulled for it: most drills need none. */
export async function findFabricImage(
  env: NodeJS.ProcessEnv = process.env,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const images = env.VALKEY_DRILL_FABRIC_IMAGE ? [env.VALKEY_DRILL_FABRIC_IMAGE] : FABRIC_IMAGES;
  const quick = { signal, timeoutMs: ENGINE_TIMEOUT_MS };
  const found = await Promise.all(images.map((image) => tryDocker(["image", "inspect", image], quick)));
  return images.find((_, index) => found[index]?.code === 0);
}

async function pull(image: string, signal?: AbortSignal): Promise<void> {
  const { code, stderr } = await tryDocker(["pull", "--quiet", image], {
    signal,
    timeoutMs: PULL_TIMEOUT_MS,
  });
  if (code === 0) return;
  throw new DrillError("NO_IMAGE", `there is no image ${image}, and it cannot be pulled: ${stderr.trim()}`, {
    hint:
      "Without a registry: scripts/build-test-image.sh builds valkey-drill/valkey:8.1 from Debian's " +
      "packages;\nthen --valkey valkey-drill/valkey:8.1, or VALKEY_IMAGE=valkey-drill/valkey:8.1.",
  });
}

async function lookInto(
  image: string,
  signal?: AbortSignal,
): Promise<Pick<Engine, "version" | "hasPrlimit">> {
  const script = "valkey-server --version; command -v prlimit || :";
  const args = ["run", "--rm", "--network", "none", "--entrypoint", "sh", image, "-euc", script];
  const text = await docker(args, { signal }).catch((cause: unknown) => {
    signal?.throwIfAborted();
    throw new DrillError("BAD_VALKEY", `${image} holds no valkey-server: ${messageOf(cause)}`, { cause });
  });
  const version = /\bv=(\d+\.\d+\.\d+)/.exec(text)?.[1];
  if (version) return { version, hasPrlimit: /prlimit$/m.test(text) };
  throw new DrillError("BAD_VALKEY", `${image}: valkey-server --version says "${text}"`);
}

/** This machine's loopback; for an engine on another machine the address that its ports are to be published on. */
async function addressOf(env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string> {
  if (env.VALKEY_DRILL_DOCKER_ADDRESS) return env.VALKEY_DRILL_DOCKER_ADDRESS;
  const format = "{{.Endpoints.docker.Host}}";
  const at = env.DOCKER_HOST || (await docker(["context", "inspect", "--format", format], { signal }));
  const host = /^(?:tcp|ssh|https?):\/\/(?:[^@/]*@)?(\[[^\]]*\]|[^:/]*)/.exec(at)?.[1];
  if (host === undefined || /^(localhost|127\..*|\[::1\])$/.test(host)) return "127.0.0.1";
  throw new DrillError("BAD_USAGE", `the Docker Engine is on another machine (${at})`, {
    hint:
      "Set VALKEY_DRILL_DOCKER_ADDRESS to that machine's address in a network that you trust: the nodes, which " +
      "have no\npassword, are published there and reached there.",
  });
}
