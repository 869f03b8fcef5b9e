import { seededRandom } from "../base/random.ts";
import { openRecorder } from "../history/recorder.ts";
import { runFolder } from "../history/run-store.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import type { HistoryEvent } from "../model/event.ts";
import { withoutOrigin } from "../scenario/config-files.ts";
import { type Scenario, scenarioSchema } from "../scenario/schema.ts";
import type { Environment } from "../session/environment.ts";
import { clientOf } from "../session/header.ts";
import { type Recording, Session } from "../session/session.ts";
import { Workloads } from "../session/workloads.ts";
import type { TopologySpec } from "../topology/spec.ts";

export interface LiveSessionOptions {
  readonly environment: Environment;
  readonly spec: TopologySpec;
  readonly driver: string;
  /** Version of the server, for the record. */
  readonly valkey: string;
  /** The library to begin with. */
  readonly library: ClientLibrary;
  /** Where the history is written while the session lasts. */
  readonly dir: string;
  /** Where run folders are made. */
  readonly outDir: string;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** A session that goes on whatever breaks, for a person plays in it, with its history in a folder of its own. */
export interface LiveRecording {
  readonly session: Session;
  readonly workloads: Workloads;
  /** Path of the history. */
  readonly history: string;
  /** Every event, those before the first call included. */
  readonly onEvent: Recording["onEvent"];
}

/** Opens the session and connects the client. On failure nothing of it is left open. */
export async function openLiveRecording(options: LiveSessionOptions): Promise<LiveRecording> {
  const { environment, spec, driver, valkey, library, seed, signal } = options;
  const { id: runId, history } = runFolder(options.dir);
  const { expect } = liveScenario(options, [{ wait: "1s" }]);
  const client = clientOf(library, spec.kind);
  const early: HistoryEvent[] = [];
  let endEarly = () => {};
  const session = await Session.open(environment, {
    openSink: (onFailure) => openRecorder(history, onFailure),
    header: { runId, scenario: LIVE_NAME, seed, spec, driver, valkey, client, expect, replay: "" },
    random: seededRandom(seed).fork("drill"),
    signal,
    whenBroken: "goes-on",
    readsLogs: true,
    onBegin: ({ onEvent }) => {
      endEarly = onEvent((event) => early.push(event));
    },
  });
  const workloads = new Workloads(session);
  try {
    await workloads.use(library);
  } catch (error) {
    throw await session.close(error);
  }
  return {
    session,
    workloads,
    history,
    onEvent: (listener) => {
      endEarly();
      for (const event of early.splice(0)) listener(event);
      return session.recorder.onEvent(listener);
    },
  };
}

/** The session as a scenario with these steps, as they are written. */
export function liveScenario(
  { spec, library }: Pick<LiveSessionOptions, "spec" | "library">,
  steps: readonly unknown[],
): Scenario {
  return scenarioSchema.parse({
    name: LIVE_NAME,
    description: "What was done by hand in a live session.",
    topology: withoutOrigin(spec),
    client: library.name,
    steps,
  });
}

const LIVE_NAME = "live-session";
