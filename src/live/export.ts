import { copyFile, mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunningTopology } from "../driver/driver.ts";
import { copyHistory } from "../history/copy.ts";
import { openRecorder } from "../history/recorder.ts";
import { createRun, type RunFolder } from "../history/run-store.ts";
import { nodeNames } from "../model/addresses.ts";
import { messageOf } from "../model/errors.ts";
import type { HistoryEvent } from "../model/event.ts";
import type { Result } from "../model/result.ts";
import type { Scenario } from "../scenario/schema.ts";
import { writtenScenario } from "../scenario/written.ts";
import { clientOf } from "../session/header.ts";
import { judgeFolder } from "../session/judge-folder.ts";
import { brokenEnding, type Ending } from "../session/session.ts";
import { historyLog } from "../workload/log.ts";
import type { LiveRecording } from "./recording.ts";

export interface ExportRequest {
  readonly scenario: Scenario;
  readonly comments: readonly string[];
  readonly outDir: string;
  /** Why the session proves nothing, if something broke it. */
  readonly broken: unknown;
}

/**
 * The session so far as the folder of a run, judged as any other: its history is copied, then what is really at the
 * servers is read and written behind it. No workload may be running; the session goes on afterwards.
 *
 * @throws what kept the rest from being read, once all else is in the folder
 */
export async function exportRun(
  recording: LiveRecording,
  { scenario, comments, outDir, broken }: ExportRequest,
): Promise<{ folder: RunFolder; result: Result }> {
  const { session, workloads, history } = recording;
  const { recorder, topology, plan } = session;
  if (recorder.failure) throw recorder.failure; // a history with a hole proves nothing
  const folder = await createRun(outDir, scenario.name);
  await writeFile(folder.scenario, writtenScenario(scenario, comments));
  const late: HistoryEvent[] = [];
  await recorder.flush();
  const { size } = await stat(history);
  const unlisten = recorder.onEvent((event) => late.push(event));
  const header = {
    runId: folder.id,
    client: clientOf(workloads.library, plan.kind), // by which most was sent: the last one
    replay: `valkey-drill run ${folder.scenario}`,
  };
  let failure: unknown;
  try {
    await copyHistory(history, folder.history, size, header);
    failure = await addFindings(recording, folder, late, broken);
  } finally {
    unlisten();
  }
  await copyLogs(topology, folder);
  const judging = judgeFolder(folder);
  if (failure !== undefined) {
    await judging.catch(() => {}); // what broke it may well be why it cannot be judged
    throw failure;
  }
  return { folder, result: await judging };
}

/** As a drill ends. Resolves to why it could not, if it could not. */
async function addFindings(
  { session, workloads }: LiveRecording,
  folder: RunFolder,
  late: HistoryEvent[],
  broken: unknown,
): Promise<unknown> {
  const { clock, plan } = session;
  const copy = openRecorder(folder.history);
  const log = historyLog(copy, clock, nodeNames(plan));
  let failure: unknown;
  try {
    await session.look();
    for (const event of late.splice(0)) copy.record(event);
    log.observe("redirects", workloads.redirects());
    await session.settle(folder, log);
  } catch (error) {
    failure = error;
  }
  const why = failure ?? broken;
  const ending: Ending = why === undefined ? { reason: "completed" } : brokenEnding(why);
  copy.record({ type: "end", at: clock.now(), ...ending });
  const unwritten = await copy.close();
  return failure ?? unwritten;
}

/** Of each node its configuration and its log as it is now; a node that writes on has its own. */
async function copyLogs(topology: RunningTopology, folder: RunFolder): Promise<void> {
  for (const { name } of topology.plan.nodes) {
    const dir = join(folder.nodes, name);
    await mkdir(dir, { recursive: true });
    await writeFile(join(dir, "node.log"), await topology.log(name).catch(messageOf));
    await copyFile(join(topology.dir, name, "node.conf"), join(dir, "node.conf")).catch(() => {}); // not on this machine
  }
}
