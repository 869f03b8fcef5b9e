import { describe, expect, it } from "vitest";
import { parseScenario } from "../load.ts";
import { scenarioSchema } from "../schema.ts";
import { asInput } from "../written.ts";
import { withGivenApp } from "./given.ts";
import { patternSchema, regexOf } from "./pattern.ts";
import { requestOf } from "./request.ts";

const HEAD = { name: "t", description: "d", topology: { kind: "ha" }, steps: [{ wait: "1s" }] };
const APP = { command: "node server.js" };
const ORDER = { name: "order", http: 'POST /orders {"id": "{{unique}}"}' };

const read = (more: object) => scenarioSchema.parse({ ...HEAD, ...more });
const refusal = (more: object): string => {
  const { error } = scenarioSchema.safeParse({ ...HEAD, ...more });
  return (error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
};

/** The form of a scenario with an application, as the documentation shows it. */
const WHOLE = `
name: t
description: d
topology: { kind: ha }
app:
  command: node server.js
  env: { preset: ioredis, ORDERS_REDIS: "{{sentinels}}", TRIES: 3 }
  ready: { http: "http://127.0.0.1:{{port}}/health", within: 60s }
  instances: 2
  stop: { signal: SIGINT, within: 5s }
probes:
  - { name: order,  http: 'POST /orders {"id": "{{unique}}"}', every: 50ms, deadline: 2s, ok: 2xx, is: write }
  - { name: stored, http: "GET /orders/{{unique}}", is: read-back, of: order, when: eventually }
  - { name: health, http: GET /health, every: 1s, when: always }
  - { name: event,  stdout: '/event (?<id>\\S+)/', is: delivered }
  - { name: books,  command: ./check-books.sh, when: [before, after] }
steps: [{ wait: 1s }, { await: { condition: app-recovered, within: 10s } }]
expect:
  order: { outage: 6s, lost: 0, duplicated: 0, p99: 500ms }
  app: { alive: true, restarts: 0, recoversWithin: 10s, log: { never: /OutOfMemory/ } }
`;

describe("an application in a scenario", () => {
  it("is read with its probes and what is expected of them", () => {
    const { app, probes, expect: expected } = parseScenario(WHOLE, "t.yaml");
    expect(app).toMatchObject({
      env: { presets: ["ioredis"], set: { ORDERS_REDIS: "{{sentinels}}", TRIES: "3" } },
      ready: { within: 60_000 },
      stop: { signal: "SIGINT", within: 5000 },
    });
    expect(probes.map(({ name, is, when, of, everyMs }) => [name, is, when.join(), of, everyMs])).toEqual([
      ["order", "write", "during", undefined, 50],
      ["stored", "read-back", "eventually", "order", undefined],
      ["health", "read", "always", undefined, 1000],
      ["event", "delivered", "always", "order", undefined],
      ["books", "check", "before,after", undefined, undefined],
    ]);
    expect(expected).toMatchObject({
      app: { alive: true, restarts: 0, recoversWithinMs: 10_000, logNever: "/OutOfMemory/" },
      probes: { order: { outageMs: 6000, lost: 0, duplicated: 0, p99Ms: 500 } },
    });
  });

  it("can be read again from what it is written down as", () => {
    const scenario = parseScenario(WHOLE, "t.yaml");
    expect(scenarioSchema.parse(asInput(scenario))).toEqual(scenario);
  });

  it("leaves a scenario without one as it was", () => {
    const scenario = read({});
    expect(asInput(scenario)).not.toHaveProperty("app");
    expect(asInput(scenario)).not.toHaveProperty("probes");
    expect(scenario.expect).not.toHaveProperty("probes");
  });

  it.each<[what: string, more: object, message: RegExp]>([
    ["neither command nor url", { app: {} }, /one of command and url; none is given/],
    ["both", { app: { ...APP, url: "http://127.0.0.1:1" } }, /both are given/],
    ["no URL", { app: { url: "127.0.0.1:3000" } }, /app\.url: must be a URL/],
    ["output of what runs already", { app: { url: "http://x:1", ready: { stdout: "x" } } }, /has no output/],
    ["probes without it", { probes: [ORDER] }, /the scenario has no app/],
    ["expectations without it", { expect: { app: { alive: true } } }, /expect\.app: the scenario has no app/],
    [
      "an unknown expectation",
      { expect: { promotd: true } },
      /no probe is named "promotd"\. Did you mean "promoted"/,
    ],
    ["an unknown probe", { app: APP, probes: [ORDER], expect: { ordr: {} } }, /Did you mean "order"/],
    [
      "a wrong limit",
      { app: APP, probes: [ORDER], expect: { order: { outage: 6 } } },
      /expect\.order\.outage/,
    ],
    ["a name of expect", { app: APP, probes: [{ ...ORDER, name: "outage" }] }, /is a key of expect/],
    ["two alike", { app: APP, probes: [ORDER, ORDER] }, /two probes are named "order"/],
    [
      "nothing to ask",
      { app: APP, probes: [{ name: "a" }] },
      /one of http, stdout and command; none is given/,
    ],
    ["no method", { app: APP, probes: [{ name: "a", http: "/health" }] }, /begins with no method/],
    [
      "a whole URL",
      { app: APP, probes: [{ name: "a", http: "GET http://x/" }] },
      /relative to the application/,
    ],
    [
      "an unknown template",
      { app: APP, probes: [{ ...ORDER, http: "POST /{{uniqe}}" }] },
      /Did you mean "unique"/,
    ],
    ["no such status", { app: APP, probes: [{ ...ORDER, ok: "2x" }] }, /"2x" is no status/],
    [
      "a read-back of nothing",
      { app: APP, probes: [{ name: "a", http: "GET /a/{{unique}}" }] },
      /no write sends \{\{unique\}\}/,
    ],
    [
      "a read-back of which write",
      { app: APP, probes: [ORDER, { ...ORDER, name: "b" }, { name: "a", http: "GET /a/{{unique}}" }] },
      /of which write|which write\? of: order or of: b/,
    ],
    ["events without ids", { app: APP, probes: [ORDER, { name: "e", stdout: "/sent/" }] }, /no group id/],
    [
      "a broken pattern",
      { app: APP, probes: [ORDER, { name: "e", stdout: "/(/" }] },
      /Invalid regular expression/,
    ],
    [
      "a limit that nothing measures",
      {
        app: APP,
        probes: [ORDER, { name: "s", http: "GET /s/{{unique}}" }],
        expect: { s: { outage: "1s" } },
      },
      /not sent while the steps run/,
    ],
    [
      "losses of what is no write",
      { app: APP, probes: [{ name: "h", http: "GET /h" }], expect: { h: { lost: 0 } } },
      /only what is a write can be lost/,
    ],
  ])("is refused for %s", (_, more, message) => {
    expect(refusal(more)).toMatch(message);
  });
});

describe("an application of the command line", () => {
  const given = (more: object) => withGivenApp(read({}), { app: "node server.js", ...more }, "/here");

  it("is written into the scenario, with probes named by what they ask", () => {
    const probes = [ORDER.http, "GET /orders/{{unique}}", "GET /orders/{{unique}}?again", "home=GET /"];
    const scenario = given({ probes, env: ["TRIES=3", "EMPTY="], presets: ["ioredis"], ready: "/health" });
    expect(scenario.app).toMatchObject({
      command: "node server.js",
      cwd: "/here",
      ready: { http: "/health" },
      env: { presets: ["ioredis"], set: { TRIES: "3", EMPTY: "" } },
    });
    expect(scenario.probes.map(({ name, is }) => `${name}: ${is}`)).toEqual([
      "post-orders: write",
      "get-orders: read-back",
      "get-orders-2: read-back",
      "home: read",
    ]);
    expect(scenario.steps.at(-1)).toMatchObject({ action: "await", value: { condition: "app-recovered" } });
    expect(scenarioSchema.parse(asInput(scenario))).toEqual(scenario);
  });

  it("may be what runs already, or a line of output may tell that it is ready", () => {
    expect(given({ app: "http://127.0.0.1:3000" }).app).toMatchObject({ url: "http://127.0.0.1:3000" });
    expect(given({ ready: "/listening/" }).app?.ready).toMatchObject({ stdout: "/listening/" });
  });

  it("changes nothing where none is given, and is refused where it could not work", () => {
    const bare = read({});
    expect(withGivenApp(bare, {}, "/here")).toBe(bare);
    expect(() => withGivenApp(bare, { probes: ["GET /"] }, "/here")).toThrow("no application");
    expect(() => given({ env: ["TRIES"] })).toThrow("NAME=VALUE");
    expect(() => given({ probes: ["GTE /"] })).toThrow('Did you mean "GET"');
  });
});

describe("a pattern", () => {
  it("is a regular expression between slashes, else the text itself", () => {
    expect(regexOf(patternSchema.parse("/a.c/i")).test("ABC")).toBe(true);
    expect(regexOf(patternSchema.parse("a.c (x)")).test("abc (x)")).toBe(false);
    expect(regexOf(patternSchema.parse("a.c (x) a/b")).test("1 a.c (x) a/b 2")).toBe(true);
    expect(regexOf(patternSchema.parse(/a\/b/)).test("a/b")).toBe(true);
    expect(patternSchema.safeParse("/a/y").success).toBe(false);
    expect(patternSchema.safeParse("").success).toBe(false);
  });
});

describe("a request line", () => {
  it("has a method, a path and perhaps a body", () => {
    expect(requestOf("GET /a?b={{ unique }}")).toEqual({ method: "GET", path: "/a?b={{ unique }}" });
    expect(requestOf('PUT /a  {"x": 1}')).toEqual({ method: "PUT", path: "/a", body: '{"x": 1}' });
    expect(() => requestOf("GET /a body")).toThrow("takes no body");
    expect(() => requestOf("post /a")).toThrow('Did you mean "POST"');
    expect(() => requestOf("POST a")).toThrow('a path that begins with "/"');
  });
});
