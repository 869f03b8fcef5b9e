import type { AppResult, ProbeResult } from "../model/app-result.ts";
import type { Result } from "../model/result.ts";
import { failingHa, passingHa } from "./sample-results.test-data.ts";

const order: ProbeResult = {
  name: "order",
  asks: 'POST /orders {"id": "{{unique}}"}',
  is: "write",
  sent: 482,
  ok: 446,
  failed: 4,
  unknown: 32,
  outageMs: 1803.4,
  outages: [{ startMs: 2010, endMs: 3813.4, failed: 36 }],
  p50Ms: 2.4,
  p99Ms: 1650,
  maxMs: 1740.2,
  lost: 0,
  duplicated: 0,
  answers: [
    { answer: "HTTP-201", count: 446 },
    { answer: "TIMEOUT", count: 32 },
    { answer: "ECONNREFUSED", count: 4 },
  ],
};

/** An application of two instances, with a write, its read-back, a health check and a delivery. */
export const appOf = (changes: Partial<AppResult> = {}): AppResult => ({
  started: "node server.js",
  instances: 2,
  words: ["RECOVERED"],
  recoveredAfterMs: 1813.4,
  restarts: 0,
  memory: { firstBytes: 81_400_000, maxBytes: 120_300_000, lastBytes: 96_000_000 },
  probes: [
    order,
    {
      ...order,
      name: "stored",
      asks: "GET /orders/{{unique}}",
      is: "read-back",
      sent: 478,
      ok: 478,
      failed: 0,
      unknown: 0,
      outageMs: null,
      outages: [],
      p50Ms: 1.1,
      p99Ms: 3.2,
      maxMs: 4,
      lost: null,
      duplicated: null,
      answers: [{ answer: "HTTP-200", count: 478 }],
    },
    {
      ...order,
      name: "health",
      asks: "GET /health",
      is: "read",
      sent: 24,
      ok: 24,
      failed: 0,
      unknown: 0,
      outageMs: 0,
      outages: [],
      p50Ms: 0.8,
      p99Ms: 2,
      maxMs: 2,
      lost: null,
      duplicated: null,
      answers: [{ answer: "HTTP-200", count: 24 }],
    },
  ],
  connections: [],
  ...changes,
});

/** It recovered: nothing was lost. */
export const recoveredApp: Result = { ...passingHa, scenario: "quick", app: appOf() };

/** It hangs after the failover, still connected to the superseded primary. */
export const stuckApp: Result = {
  ...failingHa,
  scenario: "quick",
  operations: { total: 0, ok: 0, fail: 0, info: 0, perSecond: 0 },
  app: appOf({
    words: ["STUCK", "LOST"],
    recoveredAfterMs: null,
    restarts: 1,
    probes: appOf().probes.map((probe) =>
      probe.name === "order"
        ? {
            ...probe,
            ok: 40,
            unknown: 438,
            outageMs: null,
            outages: [{ startMs: 2010, endMs: null, failed: 442 }],
            p99Ms: null,
            lost: 3,
            answers: [
              { answer: "TIMEOUT", count: 438 },
              { answer: "HTTP-201", count: 40 },
              { answer: "ECONNREFUSED", count: 4 },
            ],
          }
        : probe,
    ),
    connections: [
      {
        node: "primary",
        role: "primary",
        superseded: true,
        answered: true,
        count: 2,
        libraries: ["ioredis 5.8.2"],
        commands: ["set", "info"],
        blocked: 0,
        longestIdleS: 18,
      },
      {
        node: "replica-1",
        role: "primary",
        superseded: false,
        answered: true,
        count: 0,
        libraries: [],
        commands: [],
        blocked: 0,
        longestIdleS: null,
      },
      {
        node: "replica-2",
        role: null,
        superseded: false,
        answered: false,
        count: 0,
        libraries: [],
        commands: [],
        blocked: 0,
        longestIdleS: null,
      },
    ],
  }),
};
