import { z } from "zod";
import type { AppExpectations, AppHeader, ProbeExpectations, ProbeHeader } from "../model/app.ts";
import type { Expectations, HeaderEvent } from "../model/event.ts";
import { READ_SCHEMA_VERSIONS } from "../model/event.ts";
import { settingsSchema } from "../model/settings-schema.ts";

const text = z.string().max(100_000);
const name = z.string().min(1).max(1000);
const port = z.int().min(1).max(65_535);
const slot = z.int().min(0).max(16_383);
const count = z.int().nonnegative();
const limitMs = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER);
const address = z.looseObject({ host: name, port });

/**
 * An expectation that this version does not know could not be judged, and one that is not judged must not pass for one
 * that is met.
 */
const expectations = z.strictObject({
  promoted: z.boolean().optional(),
  outage: z
    .strictObject({
      writeMs: limitMs.optional(),
      readMs: limitMs.optional(),
      otherShardsMs: limitMs.optional(),
    } satisfies Shape<NonNullable<Expectations["outage"]>>)
    .optional(),
  lostAcknowledgedWrites: z.union([z.enum(["replicated", "expected"]), count]).optional(),
  staleness: z
    .strictObject({
      maxVersions: count.optional(),
      p99Ms: limitMs.optional(),
      maxMs: limitMs.optional(),
      monotonicReads: z.boolean().optional(),
      readYourWrites: z.boolean().optional(),
    } satisfies Shape<NonNullable<Expectations["staleness"]>>)
    .optional(),
  splitBrain: z
    .union([
      z.literal("expected"),
      z.strictObject({ ms: limitMs.optional(), writes: count.optional() } satisfies Shape<
        Exclude<Expectations["splitBrain"], undefined | "expected">
      >),
    ])
    .optional(),
  messages: z
    .strictObject({
      missed: count.optional(),
      heardTwice: count.optional(),
      silentMs: limitMs.optional(),
    } satisfies Shape<NonNullable<Expectations["messages"]>>)
    .optional(),
  jobs: z
    .strictObject({
      lost: count.optional(),
      runTwice: count.optional(),
    } satisfies Shape<NonNullable<Expectations["jobs"]>>)
    .optional(),
  app: z
    .strictObject({
      alive: z.boolean().optional(),
      restarts: count.optional(),
      recoversWithinMs: limitMs.optional(),
      logNever: text.optional(),
    } satisfies Shape<AppExpectations>)
    .optional(),
  probes: z
    .record(
      name,
      z.strictObject({
        outageMs: limitMs.optional(),
        lost: count.optional(),
        duplicated: count.optional(),
        p99Ms: limitMs.optional(),
      } satisfies Shape<ProbeExpectations>),
    )
    .optional(),
} satisfies Shape<Expectations>);

/** One schema for each field that there is: one that is added to the type and not here does not compile. */
type Shape<Type> = Record<keyof Type, z.ZodType>;

const app = z.looseObject({
  started: text.optional(),
  addresses: z.array(text).max(10_000),
  instances: z.int().min(1).max(10_000),
  preset: text.optional(),
  probes: z.array(
    z.looseObject({
      name,
      by: z.enum(["http", "stdout", "command"]),
      asks: text,
      is: z.enum(["write", "read", "read-back", "delivered", "check"]),
      of: name.optional(),
      when: z.array(z.enum(["before", "during", "always", "after", "eventually"])),
      everyMs: limitMs.optional(),
      deadlineMs: limitMs.optional(),
      countsTimes: z.boolean().optional(),
    } satisfies Shape<ProbeHeader>),
  ),
} satisfies Shape<AppHeader>);

const node = z.looseObject({
  name,
  role: z.enum(["primary", "replica", "sentinel"]),
  endpoint: z.looseObject({ host: name, port, busPort: port.optional(), announced: address.optional() }),
  shard: z.int().min(1).optional(),
});

const shard = z.looseObject({
  shard: z.int().min(1),
  slots: z.array(
    z.tuple([slot, slot]).refine(([first, last]) => first <= last, "a range that ends before it begins"),
  ),
  primary: name,
  replicas: z.array(name),
});

const topology = z
  .looseObject({
    kind: z.enum(["ha", "cluster"]),
    driver: text,
    valkey: text,
    nodes: z.array(node).min(1).max(10_000),
    shards: z.array(shard).max(10_000),
    quorum: z.int().min(1).max(10_000).optional(),
    lookEveryMs: z.number().positive().max(Number.MAX_SAFE_INTEGER).optional(),
    settings: settingsSchema,
  })
  .superRefine(({ kind, nodes, shards }, context) => {
    const wrong = (message: string, path: (string | number)[]) =>
      context.addIssue({ code: "custom", message, path });
    const names = new Set<string>();
    const numbers = new Set(shards.map((one) => one.shard));
    for (const [at, { name: own, shard: of }] of nodes.entries()) {
      if (names.has(own)) wrong(`a second node of the name ${own}`, ["nodes", at, "name"]);
      names.add(own);
      if (of !== undefined && !numbers.has(of)) wrong(`there is no shard ${of}`, ["nodes", at, "shard"]);
    }
    if (kind === "ha" && shards.length > 0) wrong("HA has no shards", ["shards"]);
    if (kind === "cluster" && shards.length === 0) wrong("a cluster has shards", ["shards"]);
    if (numbers.size < shards.length) wrong("two shards of one number", ["shards"]);
    for (const [at, { primary, replicas }] of shards.entries())
      for (const of of [primary, ...replicas])
        if (!names.has(of)) wrong(`there is no node ${of}`, ["shards", at]);
  });

/**
 * The first line of a history. Whatever else stands there is of a newer version, which says nothing that this one would
 * misread: it is left alone. Only in `expect` it is refused.
 */
export const headerSchema = z.looseObject({
  type: z.literal("header"),
  at: z.int().nonnegative(),
  schemaVersion: z.literal([...READ_SCHEMA_VERSIONS]),
  runId: text,
  scenario: text,
  seed: count,
  startedAt: z.string().refine((date) => !Number.isNaN(Date.parse(date)), "not a date, as ISO 8601 has it"),
  topology,
  client: z.looseObject({
    name: text,
    version: text,
    recovery: z.looseObject({ setting: text, value: text }).optional(),
  }),
  app: app.optional(),
  waitReplicas: z.int().min(0).max(10_000),
  expect: expectations,
  plugins: z.looseObject({ paths: z.array(text), checkers: z.array(text) }).optional(),
  replay: text,
} satisfies Shape<HeaderEvent>);
