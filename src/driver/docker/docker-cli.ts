import { DrillError } from "../../model/errors.ts";
import { runProgram } from "../../valkey/run-program.ts";

export interface DockerOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Its standard input, whole. */
  readonly input?: string;
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
  { env, signal, input, timeoutMs = DEFAULT_TIMEOUT_MS }: DockerOptions = {},
): Promise<DockerAnswer> {
  const { code, stdout, stderr, problem, why } = await runProgram("docker", args, {
    env: { ...process.env, ...env },
    timeoutMs,
    signal,
    input,
    keptCharacters: Infinity, // logs of nodes come this way
    endWith: "SIGTERM", // Compose ends what it has under way
  });
  if (why === "late")
    throw new DrillError("DEADLINE", `waited ${timeoutMs} ms for docker ${args.slice(0, 2).join(" ")}`, {
      hint: "does the engine answer? try: docker version",
    });
  if (why === "not-started")
    throw new DrillError("NO_DOCKER", `the docker command cannot be run: ${problem}`, {
      hint: "install Docker (https://docs.docker.com/engine/install/), or use --driver process, which needs none",
    });
  return { code: code ?? 1, stdout, stderr: stderr || (why === "signal" ? `docker ${problem}` : "") };
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
    hint:
      "start it (sudo systemctl start docker, or Docker Desktop); `docker context ls` and DOCKER_HOST say where " +
      "it is looked for",
  },
  {
    pattern: /is not a docker command|unknown command.*compose|unknown shorthand flag: 'f'/i,
    code: "NO_DOCKER",
    what: "docker has no Compose v2",
    hint:
      "install the plugin: package docker-compose-plugin (docker.com), docker-compose-v2 (Ubuntu), " +
      "docker-compose (Debian 13)",
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
