import { randomBytes, randomInt } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type OpenDriver, openDriver } from "../api/open-driver.ts";
import { MAX_SEED, seededRandom } from "../base/random.ts";
import type { LiveControl } from "../dashboard/server/commands.ts";
import { openLiveServer } from "../dashboard/server/server.ts";
import { defaultStateDir } from "../driver/state-dir.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { clientFor } from "../libraries/registry.ts";
import { LiveSession } from "../live/session.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import { acceptedWords } from "../report/accepted-words.ts";
import { painter, wantsColour } from "../report/terminal/colour.ts";
import { startEnvironment } from "../session/environment.ts";
import type { TopologySpec } from "../topology/spec.ts";
import { standardLoad } from "../workload/registry.ts";
import type { ServerOptions } from "./options.ts";
import { openProgress } from "./progress.ts";
import { drawPage } from "./reports.ts";

export interface PlayFlags extends ServerOptions {
  readonly client: string;
  readonly out: string;
  readonly port?: number;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/**
 * `up --ui`: an environment with a page to watch and to break it, until the signal aborts. Then all is given back:
 * workload, page, nodes, and the folder of the session.
 */
export async function play(spec: TopologySpec, flags: PlayFlags, signal: AbortSignal): Promise<void> {
  const library = clientFor(flags.client, spec.kind);
  const progress = openProgress(flags.quiet === true);
  const dir = join(defaultStateDir(), "up", `${spec.kind}-${randomBytes(3).toString("hex")}`);
  try {
    const opened = await openDriver(flags, progress, signal);
    await mkdir(dir, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
      throw new DrillError("STATE_UNWRITABLE", `cannot make ${dir}: ${messageOf(cause)}`, { cause });
    });
    const step = progress.step(`start ${spec.kind} topology, Valkey ${opened.version}`);
    const environment = await start(spec, flags, dir, opened, signal, (text) => step.update(text)).catch(
      (error: unknown) => {
        step.fail(messageOf(error));
        throw signal.aborted ? signal.reason : error;
      },
    );
    step.done(`${environment.topology.plan.nodes.length} nodes ready`);
    await progress.close();
    try {
      await playOn({ environment, spec, library, flags, dir, opened, signal });
    } finally {
      await environment.close();
    }
  } finally {
    await progress.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** With control over its links, where the driver has it: they are what one wants to impair. */
function start(
  spec: TopologySpec,
  { port }: PlayFlags,
  dir: string,
  { driver }: OpenDriver,
  signal: AbortSignal,
  onProgress: (text: string) => void,
) {
  const random = seededRandom(randomInt(MAX_SEED));
  const links = driver.capabilities.has("cut-links") ? { clients: true } : undefined;
  return startEnvironment({
    spec,
    driver,
    dir,
    signal,
    random,
    detached: false,
    firstPort: port,
    links,
    onProgress,
  });
}

interface Playing {
  readonly environment: Awaited<ReturnType<typeof start>>;
  readonly spec: TopologySpec;
  readonly library: ClientLibrary;
  readonly flags: PlayFlags;
  readonly dir: string;
  readonly opened: OpenDriver;
  readonly signal: AbortSignal;
}

async function playOn({ environment, spec, library, flags, dir, opened, signal }: Playing): Promise<void> {
  const session = await LiveSession.open({
    environment,
    spec,
    driver: opened.driver.name,
    valkey: opened.version,
    library,
    dir,
    outDir: flags.out,
    seed: randomInt(MAX_SEED),
    signal,
  });
  try {
    const server = await openLiveServer();
    try {
      server.show(session.source, controlOf(session));
      const { name: workload } = standardLoad(spec.kind); // so that what a fault does to clients is seen
      await session.start({ workload, client: library.name, options: {} });
      tell(server.url, session.setup.id, flags.json === true);
      await aborted(signal);
    } finally {
      await server.close();
    }
  } finally {
    await session.close();
  }
}

/** The orders of the page, as the session carries them out. */
export function controlOf(session: LiveSession): LiveControl {
  return {
    inject: (given) => session.inject(given),
    heal: (given) => session.heal(given),
    start: (given) => session.start(given),
    stop: () => session.stop(),
    look: (given) => session.look(given),
    "export-run": async () => {
      const { folder, result } = await session.exportRun();
      await drawPage(folder, result);
      return {
        id: folder.id,
        dir: folder.dir,
        verdict: result.verdict,
        accepted: acceptedWords(result),
        report: folder.report,
      };
    },
    "export-scenario": async () => session.exportScenario(),
  };
}

function tell(url: string, id: string, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ id, url }, null, 2)}\n`);
    return;
  }
  const paint = painter(wantsColour(process.stdout));
  process.stdout.write(`${paint.good("live")}  ${paint.strong(url)}
  Open it in a browser on this machine. Whoever has this address can give orders.
  Ctrl-C stops everything and cleans up.
`);
}

/** Resolves once it aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
