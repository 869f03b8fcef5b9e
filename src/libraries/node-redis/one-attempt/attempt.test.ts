import { describe, expect, it } from "vitest";
import { NotDoneError, TimeoutError } from "../../../client/errors.ts";
import { type AttemptParts, attempt, type Hand, type NodeConnection, sending } from "./attempt.ts";

/* How often a library may send, with libraries that do what node-redis does. Against real servers: ../../one-attempt.integration.test.ts */

class Refused extends Error {}

const node = (port: number, answer: () => Promise<unknown>): NodeConnection & { sent: string[][] } => {
  const sent: string[][] = [];
  return {
    sent,
    options: { socket: { host: "127.0.0.1", port } },
    sendCommand: (args) => {
      sent.push(args);
      return answer();
    },
  };
};
const parts = (begin: (hand: Hand) => Promise<unknown>, deadlineMs = 200): AttemptParts<unknown> => ({
  begin,
  send: sending(["SET", "a", "1"]),
  isReply: (error) => error instanceof Refused,
  isRedirect: (error) => error instanceof Refused && error.message.startsWith("MOVED"),
  deadlineMs,
});

describe("an attempt", () => {
  it("is sent over the connection that the library chose, and tells whose reply ended it", async () => {
    const one = node(1, async () => "OK");
    const told: unknown[] = [];
    const answeredBy = (address?: string) => told.push(address);
    expect(await attempt({ ...parts((hand) => hand(one)), answeredBy })).toBe("OK");
    expect(told).toEqual(["127.0.0.1:1"]);
    expect(one.sent).toEqual([["SET", "a", "1"]]);
  });

  it("is not sent again when the library would, after a lost connection or READONLY", async () => {
    for (const error of [new Error("Socket closed unexpectedly"), new Refused("READONLY You can't write")]) {
      const one = node(1, () => Promise.reject(error));
      const another = node(2, async () => "OK");
      let ended = false;
      const again = async (hand: Hand) => {
        await hand(one).catch(() => {});
        await hand(another);
        ended = true;
      };
      await expect(attempt(parts(again))).rejects.toThrow(error.message);
      await new Promise(setImmediate);
      expect([one.sent.length, another.sent.length, ended]).toEqual([1, 0, true]);
    }
  });

  it("follows a redirect, and tells which", async () => {
    const one = node(1, () => Promise.reject(new Refused("MOVED 1 127.0.0.1:2")));
    const another = node(2, async () => "OK");
    const follow = (hand: Hand) => hand(one).catch(() => hand(another));
    const handed: unknown[] = [];
    const onHanded = (address: string | undefined, redirect: unknown) => handed.push([address, redirect]);
    expect(await attempt({ ...parts(follow), onHanded })).toBe("OK");
    expect(handed).toEqual([
      ["127.0.0.1:1", undefined],
      ["127.0.0.1:2", expect.any(Refused)],
    ]);
  });

  it("surely was not done if no connection was given it by the deadline, nor is it given it later", async () => {
    const one = node(1, async () => "OK");
    let connected = () => {};
    const connecting = new Promise<void>((resolve) => {
      connected = resolve;
    });
    let over: Promise<unknown> = Promise.resolve();
    const held = (hand: Hand) => {
      over = connecting.then(() => hand(one));
      return over;
    };
    await expect(attempt(parts(held, 20))).rejects.toThrow(NotDoneError);
    connected();
    await over;
    expect(one.sent).toEqual([]);
  });

  it("surely was not done if the library gave up before, or after a redirect", async () => {
    const gaveUp = new Error("None of the sentinels are available");
    const at = await attempt(parts(() => Promise.reject(gaveUp))).catch((error: unknown) => error);
    expect(at).toMatchObject({ name: "NotDoneError", cause: gaveUp });
    const one = node(1, () => Promise.reject(new Refused("MOVED 1 127.0.0.1:2")));
    const lost = (hand: Hand) => hand(one).catch(() => Promise.reject(gaveUp));
    await expect(attempt(parts(lost))).rejects.toThrow(NotDoneError);
  });

  it("may have been done if it was sent and nothing came back", async () => {
    const one = node(1, () => new Promise(() => {}));
    const told: unknown[] = [];
    const answeredBy = (address?: string) => told.push(address);
    await expect(attempt({ ...parts((hand) => hand(one), 20), answeredBy })).rejects.toThrow(TimeoutError);
    expect(told).toEqual([undefined]);
  });
});
