import { describe, expect, it } from "vitest";
import type { TopologyKind } from "../model/plan.ts";
import {
  clientFor,
  DEFAULT_LIBRARY,
  LIBRARIES,
  libraryNamed,
  registerLibrary,
  usableClients,
} from "./registry.ts";

const refusal = (name: string, kind: TopologyKind) => {
  try {
    clientFor(name, kind);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("a client by its name", () => {
  it("is found, by default iovalkey, which is always installed", () => {
    expect([DEFAULT_LIBRARY, [...LIBRARIES.keys()][0]]).toEqual(["iovalkey", "iovalkey"]);
    for (const { name } of [...LIBRARIES.values()].filter(({ supports }) => supports.cluster === true))
      expect(clientFor(name, "cluster").name).toBe(name);
  });

  it("is not guessed", () => {
    expect(refusal("ioreids", "ha")).toMatchObject({
      code: "BAD_USAGE",
      message: 'no client is named "ioreids". Did you mean "ioredis"?',
      hint: expect.stringContaining("iovalkey, ioredis"),
    });
  });

  it.each(["ha", "cluster"] as const)("is offered for %s only where it can be used", (kind) => {
    for (const { name, supports } of LIBRARIES.values()) {
      expect(usableClients(kind).includes(name)).toBe(supports[kind] === true);
      if (supports[kind] !== true) expect(refusal(name, kind)).toMatchObject({ code: "BAD_USAGE" });
    }
  });
});

describe("a library of one's own", () => {
  const own = { ...libraryNamed("iovalkey"), name: "mine", otherNames: ["my-own"] };

  it("is found by each of its names, until it is taken out", () => {
    const takeOut = registerLibrary(own);
    try {
      expect([libraryNamed("mine"), clientFor("my-own", "ha")]).toEqual([own, own]);
      expect([...LIBRARIES.keys()].at(-1)).toBe("mine");
      expect(usableClients("cluster")).toContain("mine");
    } finally {
      takeOut();
    }
    expect(LIBRARIES.has("mine")).toBe(false);
    expect(() => libraryNamed("mine")).toThrow("no client is named");
  });

  it.each(["ioredis", "valkey-glide", "glide"])("cannot take the name %s, which is another's", (name) => {
    expect(() => registerLibrary({ ...own, name })).toThrow(`a client library named "${name}" already`);
    expect(() => registerLibrary({ ...own, otherNames: [name] })).toThrow("already");
    expect(LIBRARIES.has("mine")).toBe(false);
  });
});

describe("GLIDE", () => {
  it("is known by the name of its project too", () => {
    expect(clientFor("valkey-glide", "cluster")).toBe(LIBRARIES.get("glide"));
  });

  it("is refused where there are Sentinels, with the reason", () => {
    expect(refusal("valkey-glide", "ha")).toMatchObject({
      code: "BAD_USAGE",
      message: "glide cannot be used with Sentinels: it knows no Sentinel",
      hint: expect.stringContaining("valkey-glide/issues/2761"),
    });
  });
});
