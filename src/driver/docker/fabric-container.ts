import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { type Look, waitFor } from "../../base/wait.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { linkControl } from "../fabric/control.ts";
import type { Orders } from "../fabric/messages.ts";
import { fabricNodes } from "../fabric/plan.ts";
import { docker, tryDocker } from "./docker-cli.ts";
import { LABEL } from "./labels.ts";
import type { HeldPlaces } from "./places.ts";

/** What the links pass through is told of as a node of this name, and has its folder among theirs. */
export const FABRIC = "fabric";

/** Beside this module's folder, in the same form. */
const PROGRAM = fileURLToPath(new URL(`../fabric/main${extname(import.meta.url)}`, import.meta.url));
/** Where the modules are kept in the container. */
const FOLDER = "/fabric";
/** Its Node starts in a tenth of a second; a busy machine needs more. */
const READY_MS = 20_000;
const LOG_LINES_SHOWN = 10;

export interface FabricContainerOptions {
  /** Its container's name. */
  readonly name: string;
  readonly network: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly plan: Plan;
  readonly held: HeldPlaces;
  /** The run's folder. */
  readonly dir: string;
  /** What to run in place of the program beside this module. */
  readonly program?: string;
  readonly signal?: AbortSignal;
}

/**
 * Starts the fabric of a plan in a container in the nodes' network. It needs no rights: it is a program that listens there, and
 * that nodes call in place of each other. Resolves once it listens.
 *
 * @throws DrillError `START_FAILED`, `PORT_IN_USE`, `LACKS_CAPABILITY`
 */
export async function startFabricContainer(options: FabricContainerOptions): Promise<void> {
  const { name, dir, program = PROGRAM, signal } = options;
  const staged = join(dir, FABRIC, "program");
  const main = await stage(program, staged);
  await docker(createArgs(options, main), { signal });
  await docker(["cp", `${staged}/.`, `${name}:${FOLDER}`], { signal });
  await docker(["start", name], { signal });
  await untilReady(options);
}

/** Everything that it has logged. */
export async function fabricLog(name: string): Promise<string> {
  const { code, stdout, stderr } = await tryDocker(["logs", name]);
  return code === 0 ? stdout + stderr : "";
}

function createArgs({ name, network, labels, plan, held }: FabricContainerOptions, main: string): string[] {
  const { engine, control, fabricHost } = held;
  if (!engine.fabricImage || !control) throw new TypeError("these places were not held for links");
  const { address } = engine;
  const toClients = plan.nodes.flatMap(({ endpoint: { port, fabric } }) =>
    fabric?.published ? [`${fabric.published.host}:${fabric.published.port}:${port}`] : [],
  );
  const published = [`${address}:${control.port}:${control.port}`, ...toClients];
  const marks = Object.entries({ ...labels, [LABEL.node]: FABRIC });
  const orders: Orders = {
    nodes: fabricNodes(plan),
    token: control.token,
    control: { host: "0.0.0.0", port: control.port },
  };
  return [
    ...["create", "--pull", "never", "--name", name, "--network", network, "--ip", fabricHost],
    ...marks.flatMap(([label, value]) => ["--label", `${label}=${value}`]),
    ...published.flatMap((port) => ["--publish", port]),
    ...["--user", "65534:65534", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true"],
    ...["--memory", "512m", "--pids-limit", "64", "--workdir", "/", "--entrypoint", "node"],
    ...[engine.fabricImage, `${FOLDER}/${main}`, JSON.stringify(orders)],
  ];
}

/**
 * Copies the program, and the modules of ours that it imports, to a folder of their own: the engine may be on another machine,
 * and none of our packages is needed there.
 *
 * @returns the program's path in that folder
 */
async function stage(program: string, folder: string): Promise<string> {
  const modules = await closure(program);
  const root = commonFolder([...modules.keys()]);
  for (const [path, text] of modules) await put(join(folder, relative(root, path)), text);
  await put(join(folder, "package.json"), '{ "type": "module" }\n');
  await chmod(folder, 0o755);
  return relative(root, program);
}

/** The module and all that it imports by a relative path, with their texts. */
async function closure(program: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const open = [program];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    const text = await readFile(path, "utf8");
    found.set(path, text);
    const imports = text.matchAll(/^(?:import|export|\}) .*?from "(\.[^"]+)";$/gm);
    for (const [, specifier = ""] of imports) open.push(join(dirname(path), specifier));
  }
  return found;
}

function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? "/");
  while (!paths.every((path) => path.startsWith(`${folder}/`))) folder = dirname(folder);
  return folder;
}

/** Readable by the user that the container runs as. */
async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await chmod(dirname(path), 0o755);
  await writeFile(path, text, { mode: 0o644 });
}

async function untilReady({ name, held, signal }: FabricContainerOptions): Promise<void> {
  const { control } = held;
  if (!control) return;
  const { impairments } = linkControl(() => control);
  const look = async (): Promise<Look<undefined>> => {
    try {
      await impairments();
      return { done: true, value: undefined };
    } catch (error) {
      const running = await docker(["container", "inspect", "--format", "{{.State.Running}}", name]);
      if (running !== "true") throw await startFailure(name, "ended while starting");
      return { done: false, seen: messageOf(error) };
    }
  };
  try {
    await waitFor(look, { what: "the fabric of the links to answer", timeoutMs: READY_MS, signal });
  } catch (error) {
    if (!(error instanceof DrillError && error.code === "DEADLINE")) throw error;
    throw await startFailure(name, error.message);
  }
}

async function startFailure(name: string, what: string): Promise<DrillError> {
  const log = (await fabricLog(name)).trimEnd().split("\n").slice(-LOG_LINES_SHOWN).join("\n");
  return new DrillError("START_FAILED", `the fabric of the links ${what}${log && `; it logged:\n${log}`}`);
}
