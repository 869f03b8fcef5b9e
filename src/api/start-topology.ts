/*
 *   startTopology ──▶ nodes ◀── inject, heal ── a program
 *                       └── observer ──▶ view ──▶ until, status
 */
import { randomInt } from "node:crypto";
import { rm } from "node:fs/promises";
import { MAX_SEED, seededRandom } from "../base/random.ts";
import { DrillError } from "../model/errors.ts";
import { SILENT } from "../run/progress.ts";
import { withConfigFiles } from "../scenario/config-files.ts";
import { checkCapabilities } from "../scenario/injectable.ts";
import { described } from "../scenario/yaml-file.ts";
import { startEnvironment } from "../session/environment.ts";
import { type TopologySpec, topologySpecSchema } from "../topology/spec.ts";
import { beforeSignal } from "./on-signal.ts";
import { driverOf } from "./open-driver.ts";
import { makeOwnFolder } from "./own-folder.ts";
import { OwnTopology } from "./own-topology.ts";
import type { StartTopologyOptions, Topology, TopologyInput } from "./topology.ts";

/**
 * Starts a topology for a program, a test of an application above all, and waits until it is ready. It ends with
 * `stop()`, at the end of its block with `await using`, or with this process, however that ends.
 *
 * @throws DrillError `BAD_USAGE` for what makes no sense, `BAD_CONFIG` for configuration files; whatever `findServer`
 *   throws; `NO_RESOURCES`, `START_FAILED` and others
 *   where it could not be brought up: then nothing is left
 */
export async function startTopology(
  given: TopologyInput,
  options: StartTopologyOptions = {},
): Promise<Topology> {
  const spec = await withConfigFiles(readSpec(given), process.cwd());
  const interrupted = new AbortController();
  const signals = [interrupted.signal, options.signal].filter((signal) => signal !== undefined);
  const starting = start(spec, options, AbortSignal.any(signals));
  const undo = beforeSignal(async () => {
    interrupted.abort(new DrillError("INTERRUPTED", "interrupted: the topology is stopped"));
    await starting.then(
      (topology) => topology.stop(),
      () => {}, // then nothing is left
    );
  });
  try {
    const topology = await starting;
    topology.onStop(undo);
    return topology;
  } catch (error) {
    undo();
    throw error;
  }
}

async function start(spec: TopologySpec, options: StartTopologyOptions, signal: AbortSignal) {
  const { links = false, seed = randomInt(MAX_SEED) } = options;
  const { driver } = await driverOf(options, SILENT, signal);
  if (links)
    checkCapabilities({ kind: "links: true", needs: ["cut-links"] }, driver, `${driver.name} driver`);
  const random = seededRandom(seed);
  const dir = makeOwnFolder(spec.kind);
  const removeFiles = () => rm(dir, { recursive: true, force: true });
  try {
    const environment = await startEnvironment({
      spec,
      driver,
      random,
      dir,
      detached: false,
      ...(links && { links: { clients: true } }),
      signal,
    });
    const topology = await OwnTopology.watch(environment, random);
    topology.onStop(removeFiles);
    return topology;
  } catch (error) {
    await removeFiles();
    throw signal.aborted ? signal.reason : error;
  }
}

function readSpec(given: TopologyInput): TopologySpec {
  const read = topologySpecSchema.safeParse(given);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => described(path, message));
  throw new DrillError("BAD_USAGE", `the topology cannot be started: ${problems.join("; ")}`, {
    hint: "docs/guide.md describes what a topology takes.",
  });
}
