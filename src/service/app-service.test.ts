import { describe, expect, it } from "vitest";
import type { CompletionEvent, HeaderEvent } from "../model/event.ts";
import { AppService } from "./app-service.ts";

const S = 1e9;

/** An application that is asked by one probe ten times a second. */
function asked() {
  const service = new AppService();
  const probe = { name: "order", by: "http", asks: "POST /", is: "write", when: ["during"], everyMs: 100 };
  service.header({ app: { addresses: [], instances: 1, probes: [probe] } } as unknown as HeaderEvent);
  let op = 0;
  const send = (at: number) => {
    op += 1;
    const id = op;
    service.invoked({
      type: "invoke",
      at,
      op: id,
      client: "app-1",
      workload: "app",
      f: "order",
      key: "",
      due: at,
    });
    return (outcome: CompletionEvent["type"], endAt = at + 1e6) =>
      service.completed({ type: outcome, at: endAt, op: id, error: { class: "HTTP-503", message: "" } });
  };
  const run = (from: number, to: number, outcome: CompletionEvent["type"]) => {
    for (let at = from; at < to; at += 0.1 * S) send(at)(outcome);
  };
  return { service, send, run };
}

describe("an application is well", () => {
  it("when its probes went well for a while, and were asked since", () => {
    const { service, run } = asked();
    expect(service.unwell(0, S)).toBe("order is not answered yet");
    run(S, 3 * S, "ok");
    expect(service.unwell(0, 3 * S)).toBeUndefined();
    expect(service.unwell(3 * S, 3 * S)).toBe("order is not answered yet");
  });

  it("not while they fail, nor just after", () => {
    const { service, run } = asked();
    run(S, 2 * S, "ok");
    run(2 * S, 3 * S, "info");
    expect(service.unwell(0, 3 * S)).toBe("order fails: HTTP-503");
    run(3 * S, 3.5 * S, "ok");
    expect(service.unwell(0, 3.5 * S)).toBe("order went well for too short a time");
    run(3.5 * S, 4.5 * S, "ok");
    expect(service.unwell(0, 4.5 * S)).toBeUndefined();
  });

  it("not while an old question waits; a late failure counts from when it was sent", () => {
    const { service, send, run } = asked();
    run(S, 2 * S, "ok");
    const hanging = send(2 * S);
    run(2.1 * S, 3.9 * S, "ok");
    expect(service.unwell(0, 3.9 * S)).toBe("order waits for an answer");
    hanging("info", 3.9 * S);
    expect(service.unwell(0, 3.9 * S)).toBeUndefined();
  });

  it("is not told by a probe that never once succeeded", () => {
    const { service, run } = asked();
    run(S, 5 * S, "info");
    expect(service.unwell(0, 5 * S)).toBe("order fails: HTTP-503");
    run(5 * S, 12 * S, "info");
    expect(service.unwell(0, 12 * S)).toBeUndefined();
  });

  it("is not known where no probe asks", () => {
    expect(new AppService().unwell(0, S)).toBe("no probe asks it while the steps run");
  });

  it("not while its answers come far later than was usual before the first fault", () => {
    const { service, send, run } = asked();
    run(S, 3 * S, "ok");
    service.faulted();
    send(3 * S)("ok", 3.9 * S);
    expect(service.unwell(0, 3.9 * S)).toBe("order fails: LATE");
    const slow = asked();
    for (let at = S; at < 3 * S; at += 0.1 * S) slow.send(at)("ok", at + 0.3 * S);
    slow.service.faulted();
    for (let at = 3 * S; at < 4 * S; at += 0.1 * S) slow.send(at)("ok", at + 0.9 * S);
    expect(slow.service.unwell(0, 4.8 * S)).toBeUndefined();
  });
});
