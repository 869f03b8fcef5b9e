import { groupBy } from "../base/group-by.ts";
import { inRanges, keySlot } from "../base/slots.ts";
import { messageOf } from "../model/errors.ts";
import type { ObservationName, Observed } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import type { Reply } from "../valkey/admin.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { awaitCaughtUp } from "../valkey/caught-up.ts";
import { awaitAgreement, clusterMapOf, sentinelsAccount } from "./agreement.ts";
import { nodesWithRole, shardOf, type TopologyView } from "./view.ts";

/** Keys read at a time from one node. */
const BATCH = 1000;
const READ_MS = 10_000;
/** By what a key holds, the command that reads it. */
const READ_BY = {
  string: (key: string) => ["GET", key],
  list: (key: string) => ["LRANGE", key, "0", "-1"],
  stream: (key: string) => ["XRANGE", key, "-", "+"],
} as const;

type Held = keyof typeof READ_BY;
const CATCH_UP_MS = 10_000;

/** What the final inspection writes down. */
export interface InspectionEvents {
  observe<Name extends ObservationName>(name: Name, data: Observed[Name]): void;
}

/**
 * Looks, when all load has stopped, at what is really there:
 *
 * - `final-values`: every key that a workload asked for, a string, the elements of a list or the entries of a stream,
 *   read **at the primary that serves it**, not through the client
 * - `final-node`: for each data node its role, link, slots, key count, and digest of its whole data set (DEBUG DIGEST);
 *   in a
 *   cluster also its map of who serves what, and at which epoch
 * - `final-sentinel`: for each Sentinel the primary that it names
 *
 * A key whose slot nobody serves is `unread`: its fate is unknown, not lost.
 */
export async function inspect(
  plan: Plan,
  view: TopologyView,
  admins: AdminPool,
  toRead: ReadonlyMap<string, Held>,
  events: InspectionEvents,
): Promise<void> {
  const primaries = nodesWithRole(view, "primary", plan);
  // A replica whose primary is gone has nobody to catch up with.
  const replicas = nodesWithRole(view, "replica", plan).filter((name) =>
    primaries.includes(view.get(name)?.follows ?? ""),
  );
  await awaitCaughtUp({ primaries, replicas }, admins, CATCH_UP_MS).catch((error: unknown) => {
    events.observe("not-caught-up", messageOf(error)); // for the checkers: they compare the data sets themselves
  });
  await readWritten(plan, view, admins, primaries, toRead, events);
  await awaitAgreement(plan, admins).catch((error: unknown) => {
    events.observe("not-agreed", messageOf(error)); // for the checkers: they compare the accounts themselves
  });
  await Promise.all(
    plan.nodes.map(async ({ name, program }) => {
      if (program === "server") {
        events.observe("final-node", await finalNode(plan, view, admins, name));
      } else {
        events.observe("final-sentinel", await sentinelsAccount(plan, name, admins.of(name)));
      }
    }),
  );
}

async function readWritten(
  plan: Plan,
  view: TopologyView,
  admins: AdminPool,
  primaries: readonly string[],
  toRead: ReadonlyMap<string, Held>,
  events: InspectionEvents,
): Promise<void> {
  const ownerOf = (key: string) =>
    plan.kind === "ha"
      ? servingPrimary(view, primaries)
      : primaries.find((name) => inRanges(keySlot(key), view.get(name)?.slots ?? []));
  const byOwner = groupBy(toRead.keys(), ownerOf);
  for (const [owner, owned] of byOwner) {
    for (let at = 0; at < owned.length; at += BATCH) {
      const chunk = owned.slice(at, at + BATCH);
      const why = "no node serves their slots";
      const read = owner === undefined ? why : await readChunk(admins, owner, chunk, toRead);
      const answer = (n: number) => (typeof read === "string" ? new Error(read) : read[n]);
      const values = chunk.flatMap((key, n) => {
        const found = answer(n);
        return found instanceof Error ? [] : [[key, heldOf(found)] as const];
      });
      if (values.length > 0) events.observe("final-values", { node: owner, values });
      for (const [message, unread] of groupBy(chunk.keys(), (n) => refusal(answer(n)))) {
        if (message === undefined) continue;
        events.observe("final-values", { unread: unread.flatMap((n) => chunk[n] ?? []), why: message });
      }
    }
  }
}

/** A string, the elements of a list, or the entries of a stream, `ID field value`; `null`: there is no such key. */
function heldOf(reply: Reply | undefined): string | null | string[] {
  if (Array.isArray(reply))
    return reply.map((one) => (Array.isArray(one) ? one.flat().join(" ") : String(one)));
  return reply === undefined || reply === null ? null : String(reply);
}

/** Why a key could not be read; `undefined`: it was. */
function refusal(value: unknown): string | undefined {
  return value instanceof Error ? value.message : undefined;
}

/** An old primary that came back may still call itself one: the one that replicas follow serves. */
function servingPrimary(view: TopologyView, primaries: readonly string[]): string | undefined {
  const followers = (name: string) => view.get(name)?.onlineReplicas ?? 0;
  return [...primaries].sort((a, b) => followers(b) - followers(a))[0];
}

/**
 * The values, in place of each that the server refused (as of a key of another type) its error; or why none could be
 * read.
 */
async function readChunk(
  admins: AdminPool,
  node: string,
  keys: readonly string[],
  toRead: ReadonlyMap<string, Held>,
): Promise<(Reply | Error)[] | string> {
  const commands = keys.map((key) => READ_BY[toRead.get(key) ?? "string"](key));
  return admins
    .of(node)
    .replies(commands, READ_MS)
    .catch((error: unknown) => messageOf(error));
}

async function finalNode(plan: Plan, view: TopologyView, admins: AdminPool, name: string) {
  const node = view.get(name);
  const base = {
    node: name,
    reachable: node?.reachable ?? false,
    role: node?.role,
    follows: node?.follows,
    linkUp: node?.linkUp ?? false,
    state: node?.state,
    slots: node?.slots ?? [],
    shard: shardOf(view, plan, name),
  };
  if (!base.reachable) return base;
  try {
    const [keys, digest] = await admins.of(name).pipeline([["DBSIZE"], ["DEBUG", "DIGEST"]], READ_MS);
    const map = plan.kind === "cluster" ? await clusterMapOf(plan, admins.of(name)) : undefined;
    return { ...base, keys: Number(keys), digest: String(digest), map };
  } catch (error) {
    return { ...base, error: messageOf(error) };
  }
}
