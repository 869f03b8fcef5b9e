import { describe, expect, it } from "vitest";
import type { Expectations } from "../model/event.ts";
import { factsOf } from "./facts.ts";
import {
  type Ending,
  type HandMadeRun,
  haFailoverWithoutLoad,
  haRun,
  OK,
  REFUSED,
} from "./history.test-data.ts";
import { pubsub } from "./pubsub.ts";

const own = { client: "publisher-1", workload: "pubsub", f: "publish", shared: true } as const;
const EVERY_MS = 50;

/** One message every 50 ms on channel `a`; the subscriber hears those that `hears` lets through, 2 ms later. */
function talk(
  given: {
    readonly run?: HandMadeRun;
    readonly to?: number;
    readonly hears?: (at: number) => boolean;
    readonly ends?: (at: number) => Ending;
    readonly listensTo?: number;
    readonly sharded?: boolean;
  } = {},
): HandMadeRun {
  const {
    run = haRun(),
    to = 6000,
    hears = () => true,
    ends = () => OK,
    listensTo = to + 100,
    sharded = false,
  } = given;
  listen(run, "begin", 50, sharded);
  for (let at = 100; at < to; at += EVERY_MS) {
    run.operation({ ...own, key: "a", value: `m:${at}` }, at, ends(at));
    if (hears(at)) hear(run, `m:${at}`, at + 2);
  }
  return listen(run, "end", listensTo, sharded);
}

const listen = (run: HandMadeRun, phase: string, at: number, sharded = false) =>
  run.observe(at, "subscription", {
    subscriber: "subscriber-1",
    phase,
    channels: ["a"],
    sharded,
    at: at * 1e6,
  });
const hear = (run: HandMadeRun, message: string, at: number) =>
  run.observe(at, "message-heard", { subscriber: "subscriber-1", channel: "a", message, at: at * 1e6 });
const check = (run: HandMadeRun) => pubsub.check(factsOf(run.end(9000).build()));
const failsWith = (reason: string) => ({ verdict: "fail", evidence: { reason } });
const limited = (messages: Expectations["messages"]) => haRun({ expect: { messages } });
const within = (from: number, to: number) => (at: number) => at >= from && at < to;

describe("a subscriber", () => {
  it("passes that heard everything, or what it missed lay between what it heard", () => {
    expect(check(talk())).toMatchObject({ verdict: "pass", evidence: { missed: 0, heardTwice: 0 } });
    const away = within(2000, 4000);
    const found = check(talk({ hears: (at) => !away(at) }));
    expect(found).toMatchObject({ verdict: "pass", evidence: { missed: 40, longestSilenceMs: 2050 } });
    expect(found.summary).toContain("the longest silence was 2.05 s (subscriber-1)");
  });

  it("fails that hears nothing more though messages go on, for long enough to tell; a shorter time is unknown", () => {
    const silentFrom = (from: number) => check(talk({ hears: (at) => at < from }));
    // 1 s of detection, 2 s more
    expect(silentFrom(2900)).toMatchObject(failsWith("silent-subscriber"));
    expect(silentFrom(4000)).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "silence-not-watched" },
    });
    expect(silentFrom(5900)).toMatchObject({ verdict: "pass", evidence: { missed: 2 } });
  });

  it("fails only after twice the time where the drill was cut short", () => {
    const run = talk({ hears: (at) => at < 2000 }).end(6200, "interrupted");
    expect(pubsub.check(factsOf(run.build()))).toMatchObject({ verdict: "unknown" });
  });

  it("is not called silent for the time in which nothing was acknowledged", () => {
    const refused = within(1000, 5500);
    const found = check(talk({ hears: (at) => at < 900, ends: (at) => (refused(at) ? REFUSED : OK) }));
    expect(found).toMatchObject({ verdict: "pass", evidence: { missed: 12 } }); // two before, ten right at the end
  });

  it("is held to the limits of the scenario", () => {
    const hears = (at: number) => !within(2000, 3000)(at);
    const held = (messages: Expectations["messages"]) => check(talk({ run: limited(messages), hears }));
    expect(held({ missed: 20, silentMs: 1100 })).toMatchObject({ verdict: "pass" });
    expect(held({ missed: 19 })).toMatchObject(failsWith("messages-missed"));
    expect(held({ silentMs: 900 })).toMatchObject(failsWith("silent-too-long"));
    const twice = hear(talk({ run: limited({ heardTwice: 0 }) }), "m:100", 500);
    expect(check(twice)).toMatchObject(failsWith("messages-heard-twice"));
    expect(check(hear(talk(), "m:100", 500))).toMatchObject({ verdict: "pass", evidence: { heardTwice: 1 } });
  });

  it("fails that heard what nobody had published, or what was refused", () => {
    expect(check(hear(talk(), "m:7", 500))).toMatchObject(failsWith("message-never-published"));
    const refused = talk({ ends: (at) => (at === 500 ? REFUSED : OK) });
    expect(check(refused)).toMatchObject(failsWith("refused-message-heard"));
  });

  it("is measured channel by channel where these are sharded", () => {
    const run = haRun();
    const channels = ["a", "b"];
    const one = { subscriber: "subscriber-1", channels, sharded: true };
    run.observe(50, "subscription", { ...one, phase: "begin", at: 50e6 });
    for (let at = 100; at < 4000; at += EVERY_MS) {
      for (const channel of channels) {
        run.operation({ ...own, key: channel, value: `${channel}:${at}` }, at);
        const isAway = channel === "b" && within(1000, 2000)(at);
        if (!isAway)
          run.observe(at + 2, "message-heard", {
            ...one,
            channel,
            message: `${channel}:${at}`,
            at: (at + 2) * 1e6,
          });
      }
    }
    run.observe(4100, "subscription", { ...one, phase: "end", at: 4100e6 });
    expect(check(run)).toMatchObject({ verdict: "pass", evidence: { longestSilenceMs: 1050, missed: 20 } });
  });

  it("is unknown where nothing was published after the last loss", () => {
    const facts = factsOf(talk({ run: haFailoverWithoutLoad(), to: 1900 }).build());
    expect(
      pubsub
        .requires(facts)
        .filter(({ met }) => !met)
        .map(({ reason }) => reason),
    ).toEqual(["nothing-published-after-loss"]);
  });

  it("is unknown where one channel went quiet after the last loss, though others did not", () => {
    const run = talk({ run: haFailoverWithoutLoad(), to: 7000 });
    run.operation({ ...own, key: "b", value: "b:1" }, 1000);
    run.operation({ ...own, key: "b", value: "b:2" }, 6000, REFUSED);
    const [lacking] = pubsub.requires(factsOf(run.build())).filter(({ met }) => !met);
    expect(lacking?.seen).toBe("no message was acknowledged any more on b after the last primary was lost");
  });

  it("is told of by what the nodes said of their subscriptions", () => {
    const nodes = [
      { node: "primary", subscriptions: null },
      { node: "replica-1", subscriptions: 0 },
    ];
    const run = talk({ hears: (at) => at < 2000 }).observe(6090, "subscriptions-served", {
      at: 6090e6,
      nodes,
    });
    expect(check(run).evidence.notes).toContain(
      "before the subscribers left, primary did not answer, replica-1 had 0 subscriptions",
    );
  });
});
