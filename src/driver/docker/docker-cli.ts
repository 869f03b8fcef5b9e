import { x } from "tinyexec";
import { deadline } from "../../base/deadline.ts";
import { DrillError, messageOf } from "../../model/errors.ts";

export interface DockerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Default 60 s: creating a hundred containers takes less. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;

/** How a docker command ended. */
export interface DockerAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the `docker` command, which finds its engine as always: `DOCKER_HOST`, `DOCKER_CONTEXT`, `docker context use`.
 *
 * @returns what it printed, without the last line end
 * @throws DrillError that says what docker said and what to do; see `explain`
 */
export async function docker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
  const answer = await tryDocker(args, options);
  if (answer.code !== 0) throw explain(args, answer.stderr || answer.stdout);
  return answer.stdout.trimEnd();
}

/**
 * The same, where a bad exit code is an answer.
 *
 * @throws DrillError `NO_DOCKER`, `DEADLINE`; the reason of `signal`
 */
export async function tryDocker(
  args: readonly string[],
  { env, signal, timeoutMs = DEFAULT_TIMEOUT_MS }: DockerOptions = {},
): Promise<DockerAnswer> {
  signal?.throwIfAborted();
  const tooLate = new AbortController();
  const late = tooLate.signal;
  const end = deadline(timeoutMs, () => tooLate.abort());
  const ended = signal ? AbortSignal.any([signal, late]) : late;
  try {
    const run = x("docker", [...args], { signal: ended, nodeOptions: { env: { ...process.env, ...env } } });
    const { stdout, stderr, exitCode } = await run;
    signal?.throwIfAborted();
    if (late.aborted) throw new Error("aborted");
    return { code: exitCode ?? 1, stdout, stderr };
  } catch (cause) {
    signal?.throwIfAborted();
    if (late.aborted) {
      throw new DrillError("DEADLINE", `waited ${timeoutMs} ms for docker ${args.slice(0, 2).join(" ")}`, {
        hint: "does the engine answer? try: docker version",
        cause,
      });
    }
    throw new DrillError("NO_DOCKER", `the docker command cannot be run: ${messageOf(cause)}`, {
      hint: "install Docker (https://docs.docker.com/engine/install/), or use --driver process, which needs none",
      cause,
    });
  } finally {
    end();
  }
}

/** What docker says when something is wrong, and what that means. The first that fits. */
const MEANINGS: readonly {
  readonly pattern: RegExp;
  readonly code: ConstructorParameters<typeof DrillError>[0];
  readonly what: string;
  readonly hint: string;
}[] = [
  {
    pattern: /permission denied.*(daemon|docker\.sock|docker API)|dial unix .*permission denied/is,
    code: "NO_DOCKER",
    what: "you may not use the Docker Engine",
    hint: "sudo usermod -aG docker $USER, then log in again; or point DOCKER_HOST at an engine of your own (rootless)",
  },
  {
    pattern:
      /cannot connect to the docker daemon|is the docker daemon running|error during connect|failed to connect to the docker API|cannot reach/i,
    code: "NO_DOCKER",
    what: "no Docker Engine answers",
    hint: "start it (sudo systemctl start docker, or Docker Desktop); `docker context ls` and DOCKER_HOST say where it is looked for",
  },
  {
    pattern: /is not a docker command|unknown command.*compose|unknown shorthand flag: 'f'/i,
    code: "NO_DOCKER",
    what: "docker has no Compose v2",
    hint: "install the plugin: package docker-compose-plugin (docker.com), docker-compose-v2 (Ubuntu), docker-compose (Debian 13)",
  },
  {
    pattern:
      /port is already allocated|ports? (are|is) not available|address already in use.*(bind|listen)|(bind|listen).*address already in use/is,
    code: "PORT_IN_USE",
    what: "a port is taken",
    hint: "choose another first port with --port, or none, and free ones are found",
  },
  {
    pattern: /pool overlaps|address pool|invalid pool request/i,
    code: "SUBNET_IN_USE",
    what: "the subnet is taken",
    hint: "`docker network ls` shows the networks; `docker network prune` removes those that nothing uses",
  },
  {
    pattern:
      /no such image|pull access denied|manifest unknown|unable to find image|failed to resolve reference/i,
    code: "NO_IMAGE",
    what: "the image is not there",
    hint: "scripts/build-test-image.sh builds one from Debian's packages",
  },
];

/** A failed docker command as an error that can be acted on; one that is not known is `COMMAND_FAILED`. */
export function explain(args: readonly string[], said: string): DrillError {
  const text = said.trim().split("\n").slice(-6).join("\n");
  const meaning = MEANINGS.find(({ pattern }) => pattern.test(said));
  if (meaning) return new DrillError(meaning.code, `${meaning.what}: ${text}`, { hint: meaning.hint });
  return new DrillError(
    "COMMAND_FAILED",
    `docker ${args.slice(0, 3).join(" ")}: ${text || "it said nothing"}`,
  );
}
