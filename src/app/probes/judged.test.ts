import { describe, expect, it } from "vitest";
import { type ProbeInput, probeSchema } from "../../scenario/app/probe-schema.ts";
import { judgedAnswer, judgedExit, seenIn } from "./judged.ts";

const probe = (more: Partial<ProbeInput> = {}) =>
  probeSchema.parse({ name: "p", http: "POST /orders {{unique}}", ...more });
const readBack = (more: Partial<ProbeInput> = {}) =>
  probe({ http: "GET /orders/{{unique}}", is: "read-back", ...more });

describe("an answer", () => {
  it.each([
    [200, "ok"],
    [204, "ok"],
    [302, "info"],
    [400, "fail"],
    [404, "fail"],
    ...[408, 409, 425, 429].map((status) => [status, "info"] as const),
    [500, "info"],
    [503, "info"],
  ] as const)("%i to a write is %s", (status, outcome) => {
    expect(judgedAnswer(probe(), { status, body: "" }).outcome).toBe(outcome);
  });

  it("is right by the statuses and the body that are expected", () => {
    const strict = probe({ ok: [202, "3xx"], body: "/done/" });
    expect(judgedAnswer(strict, { status: 202, body: "done" }).outcome).toBe("ok");
    expect(judgedAnswer(strict, { status: 200, body: "done" }).error?.class).toBe("HTTP-200");
    expect(judgedAnswer(strict, { status: 302, body: "no" })).toMatchObject({
      outcome: "info",
      error: { class: "NOT-OK", message: "302 no" },
    });
  });

  it("that never came was surely not done only if nobody was reached", () => {
    const failed = { code: "ECONNREFUSED", message: "m" };
    expect(judgedAnswer(probe(), { ...failed, reached: false }).outcome).toBe("fail");
    expect(judgedAnswer(probe(), { ...failed, reached: true }).outcome).toBe("info");
  });

  it("to a read-back tells how often the write was done", () => {
    const answer = (body: string, status = 200) => ({ status, body });
    expect(judgedAnswer(readBack(), answer("x"))).toEqual({ outcome: "ok", value: "1" });
    expect(judgedAnswer(readBack(), answer("", 404))).toEqual({ outcome: "ok", value: null });
    expect(judgedAnswer(readBack(), answer("", 500)).outcome).toBe("info");
    const counted = readBack({ times: String.raw`/"times":(\d+)/` });
    expect(judgedAnswer(counted, answer('{"times":2}'))).toEqual({ outcome: "ok", value: "2" });
    expect(judgedAnswer(counted, answer("{}"))).toEqual({ outcome: "ok", value: null });
    const listed = readBack({ times: "/order/" });
    expect(judgedAnswer(listed, answer("order order")).value).toBe("2");
    expect(judgedAnswer(readBack({ times: "/times (.*)/" }), answer("times x")).error?.class).toBe("NOT-OK");
  });

  it("is told in one line", () => {
    const answer = { status: 503, body: "a\n b" };
    expect(seenIn(judgedAnswer(probe(), answer), answer)).toBe("HTTP-503: 503 a b");
    expect(seenIn({ outcome: "ok" }, { status: 200, body: "" })).toBe("200");
  });
});

describe("a command", () => {
  it("is right with exit code 0, and unsure where it was not done in time", () => {
    expect(judgedExit({ code: 0, signal: null }, "x", 1000)).toEqual({ outcome: "ok" });
    expect(judgedExit({ code: 2, signal: null }, "x", 1000).error).toEqual({ class: "EXIT-2", message: "x" });
    expect(judgedExit({ code: null, signal: "SIGSEGV" }, "", 1000).error?.class).toBe("SIGSEGV");
    expect(judgedExit(undefined, "", 1000)).toMatchObject({ outcome: "info", error: { class: "TIMEOUT" } });
  });
});
