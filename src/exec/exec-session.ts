import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Injections } from "../api/injections.ts";
import { topologyStatus } from "../api/topology-status.ts";
import { untilCondition } from "../api/until-condition.ts";
import { nodesOf } from "../app/env/topology-env.ts";
import type { Random } from "../base/random.ts";
import { openRecorder } from "../history/recorder.ts";
import { DrillError, messageOf } from "../model/errors.ts";
import type { Environment } from "../session/environment.ts";
import type { HeaderParts } from "../session/header.ts";
import { Session } from "../session/session.ts";
import { faultList } from "./fault-list.ts";
import { InjectedFaults } from "./injected-faults.ts";
import { NotNow } from "./refusal.ts";
import type { FaultsAnswer, TopologyAnswer } from "./wire.ts";

export interface ExecSessionOptions {
  readonly environment: Environment;
  /** Where histories are written. */
  readonly dir: string;
  readonly header: HeaderParts;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** What lasts from one reset to the next. */
interface Generation {
  readonly session: Session;
  readonly injections: Injections;
  readonly faults: InjectedFaults;
  readonly history: string;
}

/** The topology of a command: watched, recorded, broken on request, and started anew for the next test. */
export class ExecSession {
  readonly #options: ExecSessionOptions;
  #now: Generation;
  #generations = 1;
  #ids = 0;
  #resetting = false;
  #lost: unknown;
  #broken: Error | undefined;

  /** Begins to look and to record. */
  static async open(options: ExecSessionOptions): Promise<ExecSession> {
    return new ExecSession(options, await openSession(options, 1));
  }

  private constructor(options: ExecSessionOptions, opened: { session: Session; history: string }) {
    this.#options = options;
    this.#now = this.#generation(opened);
  }

  /** @throws what made it unusable; NotNow while a reset is under way */
  get faults(): InjectedFaults {
    return this.#usable().faults;
  }
  get plan() {
    return this.#options.environment.topology.plan;
  }
  /** The first thing that broke the topology otherwise than on request. */
  get broken(): Error | undefined {
    return this.#broken ?? this.#now.session.broken;
  }

  async topology(): Promise<TopologyAnswer> {
    const { session } = this.#usable();
    const { topology, plan, broken } = session;
    const { driver, valkey } = this.#options.header;
    const statuses = await topologyStatus(topology);
    const nodes = nodesOf(plan).map(({ name, role: startedAs, host, port }, index) => {
      const {
        process = "stopped",
        reachable = false,
        role,
        follows,
        link,
        slots,
        keys,
      } = statuses[index] ?? {};
      return { name, startedAs, host, port, process, reachable, role, follows, link, slots, keys };
    });
    return {
      ...{ id: topology.id, kind: plan.kind, driver, valkey, nodes },
      ...(plan.sentinelGroup !== undefined && { sentinelGroup: plan.sentinelGroup }),
      ...(broken && { broken: messageOf(broken) }),
    };
  }

  list(): FaultsAnswer {
    const { session, faults } = this.#usable();
    return { ...faultList(session), injected: faults.all };
  }

  async await(condition: string, timeoutMs: number): Promise<{ seen: string; tookMs: number }> {
    const { session, injections } = this.#usable();
    const began = performance.now();
    const seen = await untilCondition(session, condition, injections.lastAt, timeoutMs);
    return { seen, tookMs: Math.round(performance.now() - began) };
  }

  /** Everything that was recorded since the last reset, up to now. */
  async history(): Promise<ReadableStream<Uint8Array>> {
    const { session, history } = this.#usable();
    await session.recorder.flush();
    if (session.recorder.failure) throw session.recorder.failure;
    const { size } = await stat(history);
    return Readable.toWeb(
      createReadStream(history, { end: Math.max(0, size - 1) }),
    ) as ReadableStream<Uint8Array>;
  }

  /**
   * Every node is started anew, without data, at its old address, and with it a new history begins. What is under way
   * ends.
   */
  async reset(): Promise<{ tookMs: number }> {
    const { session, faults } = this.#usable();
    this.#resetting = true;
    const began = performance.now();
    try {
      this.#broken ??= session.broken;
      const failure = await session.close(undefined, { reason: "completed", detail: "reset" });
      if (failure !== undefined && failure !== session.broken) throw failure;
      await faults.end();
      await this.#options.environment.renew(this.#options.signal);
      this.#generations += 1;
      this.#now = this.#generation(await openSession(this.#options, this.#generations));
    } catch (error) {
      this.#lost = error;
      throw error;
    } finally {
      this.#resetting = false;
    }
    return { tookMs: Math.round(performance.now() - began) };
  }

  /** Ends what is under way, and undoes what would outlive the nodes. */
  async close(): Promise<void> {
    this.#broken ??= this.#now.session.broken;
    const failure = await this.#now.session.close(undefined, { reason: "completed" });
    if (this.#lost !== undefined) throw this.#lost;
    if (failure !== undefined && failure !== this.#broken) throw failure;
  }

  #generation({ session, history }: { session: Session; history: string }): Generation {
    const injections = new Injections(session);
    const nextId = () => {
      this.#ids += 1;
      return this.#ids;
    };
    return { session, history, injections, faults: new InjectedFaults(session, injections, nextId) };
  }

  #usable(): Generation {
    if (this.#resetting) throw new NotNow("a reset is under way: ask again when it has ended");
    if (this.#lost !== undefined) {
      const hint = "The topology cannot be used any more: start again.";
      throw new DrillError("START_FAILED", `the last reset failed: ${messageOf(this.#lost)}`, { hint });
    }
    return this.#now;
  }
}

async function openSession(
  { environment, dir, header, random, signal }: ExecSessionOptions,
  generation: number,
) {
  const history = join(dir, `history-${generation}.jsonl`);
  const session = await Session.open(environment, {
    openSink: (onFailure) => openRecorder(history, onFailure),
    header: { ...header, runId: `${header.runId}-${generation}` },
    random,
    signal,
    whenBroken: "goes-on", // the command goes on too; it is told in the end
    readsLogs: false,
  });
  return { session, history };
}
