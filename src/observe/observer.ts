/*
 *   every data node ──INFO, CLUSTER NODES──▶ look ──▶ view (latest) ──▶ selectors, await conditions
 *                                              └──▶ changes ─┐
 *   every Sentinel ──its own events────────────────────────▶ history
 *   primary ──offset──▶ replicas ──▶ watermark: "all acknowledged by t is replicated" ─┤
 *   superseded primary ──its own counters──▶ what it wrote ────────────────────────────┤
 *   what decides whether a node may be promoted, and what Sentinels say of their quorum ┘
 */
import { pause } from "../base/wait.ts";
import type { HistoryEvent, TopologyEvent } from "../model/event.ts";
import { observation } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { changesBetween } from "./changes.ts";
import { lookAtNode } from "./look.ts";
import { watchForDiagnosis } from "./promotability.ts";
import { watchSentinels } from "./sentinel-events.ts";
import { SupersededPrimaries, writeCommandsOf } from "./superseded.ts";
import { nodesWithRole, type TopologyView, UNSEEN } from "./view.ts";

/** Watches a running topology and writes down every change. */
export interface Observer {
  readonly view: TopologyView;
  /** Resolves once every node was looked at at least once after this call. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

export interface ObserverOptions {
  readonly plan: Plan;
  readonly admins: AdminPool;
  readonly record: (event: HistoryEvent) => void;
  readonly now: () => number;
}

/**
 * How often each data node is looked at. One look at all takes a share of two cores; with more nodes it is taken less
 * often.
 */
export function lookEveryMs({ nodes }: Pick<Plan, "nodes">): number {
  return Math.max(20, nodes.length * 3);
}

/** A node that does not answer within this time is not reachable. */
const LOOK_TIMEOUT_MS = 400;
/**
 * An answer that was given up later than this was not given up by its time: this process stood still, and heard nobody.
 */
const HELD_UP_MS = LOOK_TIMEOUT_MS + 50;

export async function observe(options: ObserverOptions): Promise<Observer> {
  const { plan, admins, now } = options;
  const names = plan.nodes.filter((node) => node.role !== "sentinel").map((node) => node.name);
  const view = new Map(names.map((name) => [name, UNSEEN]));
  const flags = new Map<string, string>();
  const lastAskedAt = new Map<string, number>();
  const stopping = new AbortController();
  const writeCommands = await writeCommandsOf(plan, admins);
  const superseded = new SupersededPrimaries(plan, (data) =>
    options.record(observation(now(), "write-account", data)),
  );

  const promotability = await watchForDiagnosis(plan, admins, now, (name, data) =>
    options.record(observation(now(), name, data)),
  );

  const record = (event: Omit<TopologyEvent, "type" | "at">) => {
    options.record({ type: "topology", at: now(), ...event });
    promotability.heard(event);
  };

  async function lookOnce(name: string): Promise<void> {
    const askedAt = now();
    const seen = await lookAtNode(plan, admins.of(name), LOOK_TIMEOUT_MS, writeCommands);
    if (!seen.node.reachable && now() - askedAt > HELD_UP_MS * 1e6) return; // looked at again in a moment
    const changes = changesBetween(name, view.get(name) ?? UNSEEN, seen, flags);
    const after = lastAskedAt.get(name);
    for (const change of changes) record({ ...change, ...(after !== undefined && { after }) });
    lastAskedAt.set(name, askedAt);
    superseded.take(name, { ...seen, askedAt, answeredAt: now() }, changes);
    promotability.seen(name, seen);
    view.set(name, seen.node);
  }

  /** Everything acknowledged before `ackedBy` was written at or below the offset that is read after it. */
  async function watermark(primary: string): Promise<void> {
    const ackedBy = now();
    const offset = (await lookAtNode(plan, admins.of(primary), LOOK_TIMEOUT_MS)).node.offset;
    const replicas = names.filter((name) => view.get(name)?.follows === primary);
    if (replicas.length === 0 || offset < 0) return;
    const looks = await Promise.all(
      replicas.map(async (name) => ({
        name,
        look: (await lookAtNode(plan, admins.of(name), LOOK_TIMEOUT_MS)).node,
      })),
    );
    const applied = looks.filter(({ look }) => look.linkUp && look.offset >= offset).map(({ name }) => name);
    if (applied.length > 0) {
      options.record({ type: "replicated", at: now(), primary, replicas: applied, ackedBy, offset });
    }
  }

  async function loop(turn: () => Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      await turn();
      await pause(lookEveryMs(plan), stopping.signal).catch(() => {}); // stopping: the loop's own condition ends it
    }
  }

  await Promise.all(names.map(lookOnce));
  const sentinels = await watchSentinels(plan, record);
  const loops = [
    ...names.map((name) => loop(() => lookOnce(name))),
    loop(async () => {
      await Promise.all(nodesWithRole(view, "primary", plan).map(watermark));
    }),
    promotability.askSentinels(stopping.signal),
  ];
  return {
    view,
    refresh: async () => {
      await Promise.all(names.map(lookOnce));
    },
    stop: async () => {
      stopping.abort();
      sentinels.close();
      await Promise.all(loops);
    },
  };
}
