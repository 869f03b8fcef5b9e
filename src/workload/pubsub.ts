import { z } from "zod";
import { pause } from "../base/wait.ts";
import type { Subscription } from "../client/client.ts";
import { afresh } from "./fresh-session.ts";
import { alike, runSessions, type Session } from "./sessions.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z
  .strictObject({
    channels: z.int().min(1).max(100).default(2),
    sharded: z
      .boolean()
      .default(false)
      .describe("Cluster: SPUBLISH and SSUBSCRIBE, at the shard that serves the channel's slot."),
    publishers: z.int().min(1).max(100).default(2),
    freshPublishers: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe("So many of them connect anew for each message, as short-lived processes do."),
    subscribers: z
      .int()
      .min(1)
      .max(100)
      .default(3)
      .describe("Each listens to all channels, on connections of its own."),
    perSecond: z.int().min(1).max(1000).default(20).describe("Messages of each publisher."),
    deadlineMs: z
      .int()
      .min(10)
      .max(60_000)
      .default(500)
      .describe("Past it a message's end is unknown (info)."),
  })
  .refine(({ publishers, freshPublishers }) => freshPublishers <= publishers, {
    path: ["freshPublishers"],
    error: "is more than there are publishers",
  });

/** When it was stopped, it listens for so long for messages that are under way. */
const LISTEN_ON_MS = 500;
const LOOK_EVERY_MS = 20;
/** A node that does not say who listens there within this time is not waited for. */
const ASK_MS = 500;

/**
 * Publishers and subscribers. Nobody keeps a message for a subscriber that is not there: what is published while it
 * reconnects, it never hears. So what each of them heard is recorded, message by message, and held against what was
 * acknowledged to the publishers.
 *
 *     publisher ── PUBLISH channel id ──▶ server ── to all who listen there ──▶ subscriber: heard id
 *                ◀── how many they were ──┘
 */
export const pubsub: Workload<"pubsub", typeof options, "steady"> = {
  name: "pubsub",
  summary:
    "publishers and subscribers, classic or sharded: messages missed, and for how long who heard nothing",
  kind: "steady",
  topologies: ["ha", "cluster"],
  unsupportedOn: ({ sharded }, topology) =>
    sharded && topology !== "cluster" ? "sharded: channels have shards in a cluster only" : undefined,
  clientNeeds: ({ sharded }) => (sharded ? ["subscribe", "subscribe-sharded"] : ["subscribe"]),
  options,
  measures: ({ publishers, perSecond }) => ({ messagesPerSecond: publishers * perSecond }),
  async run(context, given) {
    const tag = context.random.hex(6); // channels of its own each time it is started in a run
    const channels = Array.from({ length: given.channels }, (_, n) => `channel:${tag}:${n + 1}`);
    const { sharded } = given;
    const audience = new Audience(context, channels, sharded);
    const command = sharded ? "SPUBLISH" : "PUBLISH";
    const publish = async (session: Session, n: number) => {
      const channel = channels[session.random.below(channels.length)] as string;
      const value = `${session.name}:${n}`;
      const start = {
        client: session.name,
        workload: "pubsub",
        f: "publish",
        key: channel,
        value,
        shared: true,
      } as const;
      const { outcome } = await context.log.operation(start, async (answeredBy) =>
        String(await session.client.call([command, channel, value], given.deadlineMs, answeredBy)),
      );
      if (outcome === "ok") audience.published(channel, value);
    };
    try {
      await audience.gather(given.subscribers);
      const plans = alike("publisher", { ...given, sessions: given.publishers }, publish);
      await runSessions(
        context,
        plans.map((plan, n) => (n < given.freshPublishers ? afresh(context, plan) : plan)),
      );
      await audience.listenOn();
    } finally {
      await audience.leave();
    }
  },
};

/** All subscribers. */
class Audience {
  readonly #context: WorkloadContext;
  readonly #channels: readonly string[];
  readonly #sharded: boolean;
  readonly #subscriptions: { readonly subscriber: string; readonly subscription: Subscription }[] = [];
  /** Of each subscriber and channel, what it heard last. */
  readonly #heard = new Map<string, string>();
  readonly #published = new Map<string, string>();

  constructor(context: WorkloadContext, channels: readonly string[], sharded: boolean) {
    this.#context = context;
    this.#channels = channels;
    this.#sharded = sharded;
  }

  async gather(subscribers: number): Promise<void> {
    const { log } = this.#context;
    const [channels, sharded] = [this.#channels, this.#sharded];
    const gathering = Array.from({ length: subscribers }, async (_, n) => {
      const subscriber = `subscriber-${n + 1}`;
      const subscription = await this.#context.subscribe({
        channels,
        sharded,
        onMessage: (channel, message) => {
          this.#heard.set(`${subscriber} ${channel}`, message);
          log.observe("message-heard", { subscriber, channel, message, at: log.now() });
        },
      });
      this.#subscriptions.push({ subscriber, subscription });
      log.observe("subscription", { subscriber, phase: "begin", channels, sharded, at: log.now() });
    });
    for (const one of await Promise.allSettled(gathering)) if (one.status === "rejected") throw one.reason;
  }

  published(channel: string, message: string): void {
    this.#published.set(channel, message);
  }

  /** Until everybody has heard the last message of each channel, or for a moment. */
  async listenOn(): Promise<void> {
    const until = performance.now() + LISTEN_ON_MS;
    const isHeard = () =>
      this.#subscriptions.every(({ subscriber }) =>
        [...this.#published].every(
          ([channel, message]) => this.#heard.get(`${subscriber} ${channel}`) === message,
        ),
      );
    while (performance.now() < until && !isHeard()) await pause(LOOK_EVERY_MS);
  }

  /** Tells who still listened, by the servers' own account, and ends. */
  async leave(): Promise<void> {
    const { log } = this.#context;
    const at = log.now();
    if (this.#subscriptions.length > 0)
      log.observe("subscriptions-served", { at, nodes: await this.#served() });
    for (const { subscriber, subscription } of this.#subscriptions) {
      const [channels, sharded] = [this.#channels, this.#sharded];
      log.observe("subscription", { subscriber, phase: "end", channels, sharded, at });
      await subscription.close();
    }
  }

  async #served() {
    const { plan, admins } = this.#context;
    const ask = ["PUBSUB", this.#sharded ? "SHARDNUMSUB" : "NUMSUB", ...this.#channels];
    const nodes = plan.nodes.filter(({ program }) => program === "server");
    return Promise.all(
      nodes.map(async ({ name: node }) => {
        const reply = await admins
          .of(node)
          .call(ask, ASK_MS)
          .catch(() => undefined);
        if (!Array.isArray(reply)) return { node, subscriptions: null };
        const counts = reply.filter((_, n) => n % 2 === 1).map(Number);
        return { node, subscriptions: counts.reduce((sum, count) => sum + count, 0) };
      }),
    );
  }
}
