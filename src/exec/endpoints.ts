import type { z } from "zod";
import * as wire from "./wire.ts";

/** One endpoint, as the server offers it and the OpenAPI document tells it. */
export interface Endpoint {
  readonly method: "get" | "post";
  /** Below the token; `{id}` stands for a part of the path. */
  readonly path: string;
  readonly name: string;
  readonly summary: string;
  readonly body?: z.ZodType;
  /** What may stand behind `?`: the values that each may have, and what it means. */
  readonly query?: Readonly<Record<string, { readonly values: readonly string[]; readonly meaning: string }>>;
  readonly answer: z.ZodType | "ndjson" | "document";
  readonly status: 200 | 201;
}

/** In the order of the documentation. */
export const ENDPOINTS = {
  topology: {
    ...{ method: "get", path: "/topology", name: "getTopology", status: 200 },
    summary: "What every node is now.",
    answer: wire.topologySchema,
  },
  faults: {
    ...{ method: "get", path: "/faults", name: "getFaults", status: 200 },
    summary: "What can be injected here, with its options; of the others, why not. And what was injected.",
    answer: wire.faultsSchema,
  },
  inject: {
    ...{ method: "post", path: "/faults", name: "injectFault", status: 201 },
    summary: "Injects a fault. Answers once it is in force.",
    body: wire.injectSchema,
    query: {
      wait: { values: ["true", "false"], meaning: "false: answers as soon as it has begun, with 202." },
    },
    answer: wire.injectedSchema,
  },
  fault: {
    ...{ method: "get", path: "/faults/{id}", name: "getFault", status: 200 },
    summary: "What has become of a fault.",
    answer: wire.injectedSchema,
  },
  healOne: {
    ...{ method: "post", path: "/faults/{id}/heal", name: "healFault", status: 200 },
    summary: "Undoes one fault. Does nothing if it is undone already.",
    body: wire.nothingSchema,
    answer: wire.injectedSchema,
  },
  heal: {
    ...{ method: "post", path: "/heal", name: "healFaults", status: 200 },
    summary: "Undoes all faults, or all of one kind, the last first.",
    body: wire.healSchema,
    answer: wire.healedSchema,
  },
  await: {
    ...{ method: "post", path: "/await", name: "awaitCondition", status: 200 },
    summary: "Waits for a condition. What came about since the last fault counts.",
    body: wire.awaitSchema,
    answer: wire.awaitedSchema,
  },
  history: {
    ...{ method: "get", path: "/history", name: "getHistory", status: 200 },
    summary: "Everything that was recorded since the last reset: one JSON object a line.",
    answer: "ndjson",
  },
  reset: {
    ...{ method: "post", path: "/reset", name: "resetTopology", status: 200 },
    summary: "The same topology, fresh: every node is started anew, without data, at its old address.",
    body: wire.nothingSchema,
    answer: wire.resetDoneSchema,
  },
  actions: {
    ...{ method: "get", path: "/action", name: "getActions", status: 200 },
    summary: "Which actions of Redis' fault injector are understood, and why the others are not.",
    answer: wire.actionListSchema,
  },
  act: {
    ...{ method: "post", path: "/action", name: "startAction", status: 200 },
    summary: "Begins an action, in the shape of Redis' fault injector.",
    body: wire.actionSchema,
    answer: wire.actionBegunSchema,
  },
  action: {
    ...{ method: "get", path: "/action/{id}", name: "getAction", status: 200 },
    summary: "What has become of an action.",
    answer: wire.actionStatusSchema,
  },
  openapi: {
    ...{ method: "get", path: "/openapi.json", name: "getOpenApi", status: 200 },
    summary: "This document.",
    answer: "document",
  },
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof ENDPOINTS;

/** What its body is read as. */
export type BodyOf<Name extends EndpointName> = (typeof ENDPOINTS)[Name] extends {
  body: infer Schema extends z.ZodType;
}
  ? z.output<Schema>
  : undefined;
