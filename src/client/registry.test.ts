import { describe, expect, it } from "vitest";
import type { TopologyKind } from "../model/plan.ts";
import { CLIENTS, clientFor, usableClients } from "./registry.ts";

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
    expect(CLIENTS[0]?.name).toBe("iovalkey");
    for (const { name } of CLIENTS.filter(({ supports }) => supports.cluster === true))
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
    for (const { name, supports } of CLIENTS) {
      expect(usableClients(kind).includes(name)).toBe(supports[kind] === true);
      if (supports[kind] !== true) expect(refusal(name, kind)).toMatchObject({ code: "BAD_USAGE" });
    }
  });
});
