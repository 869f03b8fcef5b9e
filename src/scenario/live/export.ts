import { copyFile, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { judgeStream } from "../../check/judge.ts";
import { copyHistory } from "../../history/copy.ts";
import { streamHistory } from "../../history/reader.ts";
import { openRecorder } from "../../history/recorder.ts";
import { createRun, type RunFolder } from "../../history/run-store.ts";
import { nodeNames } from "../../model/addresses.ts";
import { messageOf } from "../../model/errors.ts";
import type { EndEvent, HistoryEvent } from "../../model/event.ts";
import type { Result } from "../../model/result.ts";
import { inspect } from "../../observe/inspect.ts";
import { historyLog } from "../../workload/log.ts";
import type { Environment } from "../environment.ts";
import { recordLogs } from "../log-record.ts";
import type { Scenario } from "../schema.ts";
import { writtenScenario } from "../written.ts";
import type { LiveRecording } from "./recording.ts";

export interface ExportRequest {
  readonly recording: LiveRecording;
  readonly environment: Environment;
  readonly scenario: Scenario;
  readonly comments: readonly string[];
  readonly outDir: string;
  /** Why the session proves nothing, if something broke it. */
  readonly broken: string | undefined;
}

/**
 * The session so far as the folder of a run, judged as any other: its history is copied, then what is really at the servers is read and
 * written behind it. No workload may be running; the session goes on afterwards.
 */
export async function exportRun(request: ExportRequest): Promise<{ folder: RunFolder; result: Result }> {
  const { recording, environment, scenario, comments, outDir } = request;
  if (recording.recorder.failure) throw recording.recorder.failure; // a history with a hole proves nothing
  const folder = await createRun(outDir, scenario.name);
  const late: HistoryEvent[] = [];
  await recording.recorder.flush();
  const { size } = await stat(recording.history);
  const unlisten = recording.recorder.onEvent((event) => late.push(event));
  const header = {
    runId: folder.id,
    client: { ...clientOf(request) },
    replay: `valkey-drill run ${folder.scenario}`,
  };
  try {
    await copyHistory(recording.history, folder.history, size, header);
    await addFindings(request, folder, late);
  } finally {
    unlisten();
  }
  await writeFile(folder.scenario, writtenScenario(scenario, comments));
  await copyLogs(environment, folder);
  const result = await judgeStream(streamHistory(folder.history));
  await writeFile(folder.result, `${JSON.stringify(result, null, 2)}\n`);
  return { folder, result };
}

/** What the end of a drill writes: see `run-scenario.ts`. */
async function addFindings(
  { recording, environment, broken }: ExportRequest,
  folder: RunFolder,
  late: HistoryEvent[],
): Promise<void> {
  const { clock, observer, log, logs, client } = recording;
  const { plan } = environment.topology;
  const copy = openRecorder(folder.history);
  const end = (how: Omit<EndEvent, "type" | "at">) => {
    copy.record({ type: "end", at: clock.now(), ...how });
    return copy.close();
  };
  try {
    await observer.refresh();
    for (const event of late.splice(0)) copy.record(event);
    const found = historyLog(copy, clock, nodeNames(plan));
    await inspect(plan, observer.view, environment.admins, log.toRead, found);
    found.observe("redirects", client().redirects());
    await logs.mark();
    await recordLogs(await logs.read(), found, folder);
  } catch (error) {
    await end({ reason: "error", detail: messageOf(error) });
    throw error;
  }
  const failure = await end(
    broken === undefined ? { reason: "completed" } : { reason: "error", detail: broken },
  );
  if (failure !== undefined) throw failure;
}

/** The history says by which library most was sent: the last one. */
function clientOf({ recording, environment }: ExportRequest) {
  const { name, version, recovery } = recording.library();
  return { name, version: version ?? "unknown", recovery: recovery[environment.topology.plan.kind] };
}

/** Of each node its configuration and its log as it is now; a node that writes on has its own. */
async function copyLogs({ topology }: Environment, folder: RunFolder): Promise<void> {
  for (const { name } of topology.plan.nodes) {
    const dir = join(folder.nodes, name);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, "node.log"), await topology.log(name).catch(messageOf));
    await copyFile(join(topology.dir, name, "node.conf"), join(dir, "node.conf")).catch(() => {}); // not on this machine
  }
}
