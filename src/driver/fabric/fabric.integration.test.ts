import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pause } from "../../base/wait.ts";
import type { LinkEffect } from "../links.ts";
import { spareHost } from "../process/fabric/addresses.ts";
import { type End, happened, link, openWorld, received, until, type World } from "./world.test-data.ts";

/* The fabric with plain sockets: each effect is looked for at both ends, healed, and healed again. */

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

const CUT: LinkEffect = { kind: "cut" };
/** Long enough for loopback to have brought what was sent; what is still not there then is held. */
const A_WHILE_MS = 60;

/** Nothing comes: the only way to see that is to wait. */
async function nothingComes(end: End): Promise<void> {
  const before = [end.text(), ...end.events];
  await pause(A_WHILE_MS);
  expect([end.text(), ...end.events]).toEqual(before);
}

/** A call is reset: perhaps before its caller was told that it is connected. */
async function isReset(from: string, to: string): Promise<void> {
  const call = await world.call(from, to).catch((error: NodeJS.ErrnoException) => error.code);
  if (typeof call === "object") await happened(call, "ECONNRESET");
  else expect(call).toBe("ECONNRESET");
}

const connectionsOn = (name: string) => {
  const { from, to } = link(name);
  return world.fabric.traffic().find((one) => one.from === from && one.to === to)?.connections;
};

describe("a link without impairment", () => {
  it("carries bytes both ways, and knows on which link each went, whoever called", async () => {
    const ab = await world.pair("a", "b");
    ab.from.socket.write("12345");
    await received(ab.to, "12345");
    ab.to.socket.write("678");
    await received(ab.from, "678");
    const ca = await world.pair("clients", "a");
    ca.from.socket.write("9");
    await received(ca.to, "9");
    expect(world.fabric.traffic()).toEqual([
      { from: "a", to: "b", bytes: 5, connections: 1 },
      { from: "b", to: "a", bytes: 3, connections: 1 },
      { from: "clients", to: "a", bytes: 1, connections: 1 },
      { from: "a", to: "clients", bytes: 0, connections: 1 },
    ]);
  });

  it("calls on from the caller's own address", async () => {
    const { to } = await world.pair("c", "a");
    expect(to.socket.remoteAddress).toBe("127.0.1.3");
  });

  it("passes on the end of one way, and leaves the other open", async () => {
    const { from, to } = await world.pair("a", "b");
    from.socket.end("last words");
    await received(to, "last words");
    await happened(to, "fin");
    to.socket.end("answer");
    await received(from, "answer");
    await happened(from, "fin");
    await until("it to be forgotten", () => connectionsOn("a>b") === 0 || "still there");
  });

  it("passes on a reset", async () => {
    const { from, to } = await world.pair("a", "b");
    to.socket.resetAndDestroy();
    await happened(from, "ECONNRESET");
  });

  it("resets a caller where nobody listens", async () => {
    await isReset("a", "dead");
    expect(connectionsOn("a>dead")).toBe(0);
  });
});

describe("a node that is moved", () => {
  it("is called at its other address, and refuses calls at the old one; once more, and it is back", async () => {
    await expect(world.call("b", "a", spareHost(0))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(await world.fabric.move("a")).toBe(spareHost(0));
    expect(await world.fabric.move("a")).not.toBe(spareHost(0));
    await expect(world.call("b", "a", spareHost(0))).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await world.fabric.move("a");
    await expect(world.call("b", "a")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    const caller = await world.call("b", "a", spareHost(0));
    caller.socket.write("hello");
    await until("a to be called", () => world.accepted("a").length === 1 || "not yet");
    await received(world.accepted("a")[0] as End, "hello");
    expect(connectionsOn("b>a")).toBe(1);
  });

  it("must have another address", async () => {
    await expect(world.fabric.move("b")).rejects.toThrow("b has no other address");
  });
});

describe("cut", () => {
  it("one way holds the bytes of that way only; healed, they come in their order; healed twice is fine", async () => {
    const { from, to } = await world.pair("a", "b");
    world.impair("1", CUT, "a>b");
    from.socket.write("held ");
    from.socket.write("back");
    to.socket.write("this passes");
    await received(from, "this passes");
    await nothingComes(to);

    world.fabric.heal({ id: "1" });
    await received(to, "held back");
    world.fabric.heal({ id: "1" });
    from.socket.write("!");
    await received(to, "held back!");
    expect(world.fabric.impairments()).toEqual([]);
  });

  it("of one pair leaves the others alone", async () => {
    world.impair("1", CUT, "a>b", "b>a");
    const { from, to } = await world.pair("a", "c");
    from.socket.write("x");
    await received(to, "x");
    const other = await world.pair("c", "b");
    other.from.socket.write("y");
    await received(other.to, "y");
  });

  it.each(["a>b", "b>a"])(
    "of %s keeps either from connecting to the other; healed, the call goes through",
    async (way) => {
      world.impair("1", CUT, way);
      const calls = [await world.call("a", "b"), await world.call("b", "a")] as const;
      for (const call of calls) call.socket.write("hello");
      await nothingComes(calls[0]);
      expect([world.accepted("a"), world.accepted("b")]).toEqual([[], []]);

      world.fabric.heal({ kind: "cut", links: [link(way)] });
      await until(
        "both calls",
        () => world.accepted("a").length + world.accepted("b").length === 2 || "not yet",
      );
      for (const node of ["a", "b"]) await received(world.accepted(node)[0] as End, "hello");
    },
  );

  it("tells nobody that the other has gone, before it is healed", async () => {
    const orderly = await world.pair("a", "b");
    const broken = await world.pair("a", "b");
    world.impair("1", CUT, "a>b");
    orderly.from.socket.end("bye");
    broken.from.socket.resetAndDestroy();
    await nothingComes(orderly.to);
    await nothingComes(broken.to);

    world.fabric.heal({ id: "1" });
    await received(orderly.to, "bye");
    await happened(orderly.to, "fin");
    await happened(broken.to, "ECONNRESET");
  });

  it("keeps nothing of those who gave up", async () => {
    const old = await world.pair("a", "b");
    world.impair("1", CUT, "a>b", "b>a");
    for (let n = 0; n < 50; n += 1) {
      const { socket } = await world.call("a", "b");
      socket.write("is anybody there?");
      socket.destroy();
    }
    old.from.socket.destroy();
    await until("all but one to be dropped", () => connectionsOn("a>b") === 1 || `${connectionsOn("a>b")}`);
    expect(old.to.events).toEqual([]);
    old.to.socket.destroy();
    await until("that one too", () => connectionsOn("a>b") === 0 || `${connectionsOn("a>b")}`);
    world.fabric.heal({ id: "1" });
    expect(world.accepted("b")).toHaveLength(1);
  });
});

describe("reset", () => {
  it("ends what is there and what comes, at both ends; healed, calls go through", async () => {
    const ab = await world.pair("a", "b");
    const cb = await world.pair("c", "b");
    world.impair("1", { kind: "reset" }, "a>b");
    await happened(ab.from, "ECONNRESET");
    await happened(ab.to, "ECONNRESET");
    expect(cb.from.events).toEqual([]);
    await isReset("a", "b");
    await isReset("b", "a");
    expect(world.accepted("a")).toEqual([]);

    world.fabric.heal({ id: "1" });
    world.fabric.heal({ id: "1" });
    const again = await world.pair("a", "b");
    again.from.socket.write("x");
    await received(again.to, "x");
  });
});

describe("half-open", () => {
  it(
    "resets the one end and leaves the other in the belief; nothing answers; healed, what is left " +
      "is reset",
    async () => {
      const { from, to } = await world.pair("a", "b");
      world.impair("1", { kind: "half-open" }, "a>b");
      await happened(to, "ECONNRESET");
      from.socket.write("anybody?");
      await nothingComes(from);
      expect(from.events).toEqual([]);
      const late = await world.call("a", "b");
      late.socket.write("hello?");
      await nothingComes(late);
      expect(world.accepted("b")).toHaveLength(1);

      world.fabric.heal({ id: "1" });
      world.fabric.heal({ id: "1" });
      await happened(from, "ECONNRESET");
      await happened(late, "ECONNRESET");
      await world.pair("a", "b");
    },
  );

  it("both ways leaves both ends in the belief", async () => {
    const { from, to } = await world.pair("a", "b");
    world.impair("1", { kind: "half-open" }, "a>b", "b>a");
    from.socket.write("x");
    to.socket.write("y");
    await nothingComes(from);
    await nothingComes(to);
    expect([from.events, to.events]).toEqual([[], []]);
    world.fabric.heal({ id: "1" });
    await happened(from, "ECONNRESET");
    await happened(to, "ECONNRESET");
  });
});

describe("delay", () => {
  const roundTripMs = async ({ from, to }: { from: End; to: End }) => {
    const before = from.text();
    to.socket.once("data", () => to.socket.write("."));
    const began = performance.now();
    from.socket.write("?");
    await received(from, `${before}.`);
    return performance.now() - began;
  };

  it("brings bytes later, one way; each is healed by itself", async () => {
    const ends = await world.pair("a", "b");
    world.impair("1", { kind: "delay", ms: 80, jitterMs: 0, seed: 1 }, "a>b");
    expect(await roundTripMs(ends)).toBeGreaterThanOrEqual(79);
    world.impair("2", { kind: "delay", ms: 40, jitterMs: 0, seed: 1 }, "b>a");
    expect(await roundTripMs(ends)).toBeGreaterThanOrEqual(119);
    world.fabric.heal({ id: "1" });
    const oneWayMs = await roundTripMs(ends);
    expect(oneWayMs).toBeGreaterThanOrEqual(39);
    world.fabric.heal({ id: "2" });
    world.fabric.heal({ id: "2" });
    await roundTripMs(ends);
  });

  it("with jitter keeps the order, and the end comes last", async () => {
    const { from, to } = await world.pair("a", "b");
    world.impair("1", { kind: "delay", ms: 20, jitterMs: 20, seed: 7 }, "a>b");
    let sent = "";
    for (let n = 0; n < 40; n += 1) {
      from.socket.write(`${n},`);
      sent += `${n},`;
      await pause(1);
    }
    from.socket.end();
    await happened(to, "fin");
    expect(to.text()).toBe(sent);
    expect(to.pieces.length).toBeGreaterThan(1);
  });

  it("healed, lets go at once of what is on its way", async () => {
    const { from, to } = await world.pair("a", "b");
    world.impair("1", { kind: "delay", ms: 60_000, jitterMs: 0, seed: 1 }, "a>b");
    from.socket.write("x");
    await nothingComes(to);
    world.fabric.heal({ kind: "delay" });
    await received(to, "x");
  });
});

describe("bandwidth and drip", () => {
  it("limits all connections of the link together", async () => {
    const one = await world.pair("a", "b");
    const two = await world.pair("b", "a");
    world.impair("1", { kind: "bandwidth", bytesPerSecond: 200_000 }, "a>b");
    const began = performance.now();
    one.from.socket.write(Buffer.alloc(20_000, "x"));
    two.to.socket.write(Buffer.alloc(20_000, "y"));
    await received(one.to, "x".repeat(20_000));
    await received(two.from, "y".repeat(20_000));
    const tookMs = performance.now() - began;
    expect(tookMs).toBeGreaterThan(170); // 40 kB at 200 kB/s, less one portion that may go ahead
  });

  it(
    "does not limit the way back, nor what is sent once it is healed: at that rate it would " +
      "take minutes",
    async () => {
      const one = await world.pair("a", "b");
      const two = await world.pair("b", "a");
      world.impair("1", { kind: "bandwidth", bytesPerSecond: 1000 }, "a>b");
      two.from.socket.write(Buffer.alloc(500_000, "z"));
      await received(two.to, "z".repeat(500_000));
      world.fabric.heal({ id: "1" });
      world.fabric.heal({ id: "1" });
      one.from.socket.write(Buffer.alloc(200_000, "x"));
      await received(one.to, "x".repeat(200_000));
    },
  );

  it("drips pieces, each connection for itself", async () => {
    const { from, to } = await world.pair("a", "b");
    world.impair("1", { kind: "drip", bytes: 3, everyMs: 10 }, "a>b");
    const began = performance.now();
    from.socket.write("abcdefghij");
    await received(to, "abcdefghij");
    expect(performance.now() - began).toBeGreaterThanOrEqual(28);
    expect(to.pieces).toEqual([3, 3, 3, 1]);
    world.fabric.heal({ id: "1" });
    from.socket.write("klmnopqrst");
    await received(to, "abcdefghijklmnopqrst");
    expect(to.pieces.at(-1)).toBe(10);
  });
});

describe("several at once", () => {
  it("each is healed by itself, by its id, its kind or its links", async () => {
    const { from, to } = await world.pair("a", "b");
    world.impair("1", CUT, "a>b", "a>c");
    world.impair("2", CUT, "a>b");
    world.impair("3", { kind: "delay", ms: 1, jitterMs: 0, seed: 1 }, "a>b");
    from.socket.write("x");
    world.fabric.heal({ id: "1", links: [link("a>b")] });
    await nothingComes(to);
    expect(world.fabric.impairments().map(({ id, links }) => [id, links])).toEqual([
      ["1", [link("a>c")]],
      ["2", [link("a>b")]],
      ["3", [link("a>b")]],
    ]);
    world.fabric.heal({ kind: "cut", links: [link("a>b")] });
    await received(to, "x");
    world.fabric.heal({ kind: "cut" });
    expect(world.fabric.impairments().map(({ id }) => id)).toEqual(["3"]);
    world.fabric.heal({});
    expect(world.fabric.impairments()).toEqual([]);
  });
});

describe("when one side stalls", () => {
  it.each<[string, LinkEffect | undefined]>([
    ["it takes no more", undefined],
    ["the link is cut", CUT],
    ["the link is slow", { kind: "bandwidth", bytesPerSecond: 1000 }],
  ])("the other is not read for ever: %s", async (_, effect) => {
    const { from, to } = await world.pair("a", "b");
    if (effect) world.impair("1", effect, "a>b");
    else to.socket.pause();
    const MOST = 24 * 1024 * 1024; // both kernels' buffers may grow to several megabytes each
    const piece = Buffer.alloc(64 * 1024, "x");
    let sent = 0;
    let movedAt = performance.now();
    await until("the sender to feel it", () => {
      while (from.socket.writableLength === 0 && sent < MOST) {
        from.socket.write(piece);
        sent += piece.length;
        movedAt = performance.now();
      }
      return performance.now() - movedAt > 400 || `${sent} bytes went`;
    });
    expect(sent).toBeLessThan(MOST);
    to.socket.resume();
    world.fabric.heal({});
    await until("all of it to arrive", () => to.text().length === sent || `${to.text().length} of ${sent}`);
  });
});
