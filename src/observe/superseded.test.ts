import { describe, expect, it } from "vitest";
import type { WriteAccount } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import { SupersededPrimaries } from "./superseded.ts";
import { UNSEEN } from "./view.ts";

/* What is kept of looks and told of them. That the looks themselves count rightly is tested on servers. */

const plan = { kind: "ha", nodes: [] } as unknown as Plan;

/** The story is told by looks: who was seen as what, with so many calls done. */
function books() {
  const told: string[] = [];
  const keeper = new SupersededPrimaries(plan, ({ node, role, calls, runId }: WriteAccount) => {
    told.push(`${node} ${role} ${calls}${runId === "r" ? "" : ` ${runId}`}`);
  });
  const roles = new Map<string, string>();
  let at = 0;
  return {
    told,
    look(name: string, role: "primary" | "replica", calls: number, runId = "r") {
      at += 1;
      const node = { ...UNSEEN, reachable: true, role, offset: calls };
      const look = { node, written: { calls, runId }, cluster: [], nameOf: () => undefined };
      const change = { event: "role", subject: name, to: role } as const;
      keeper.take(name, { ...look, askedAt: at, answeredAt: at }, roles.get(name) === role ? [] : [change]);
      roles.set(name, role);
    },
    silence(name: string) {
      const look = { node: UNSEEN, cluster: [], nameOf: () => undefined, askedAt: at, answeredAt: at };
      keeper.take(name, look, [{ event: "reachable", subject: name, to: "no" }]);
      roles.delete(name); // its role is told again when it answers
    },
  };
}

describe("the books of superseded primaries", () => {
  it("stay closed while nobody is superseded", () => {
    const { look, told } = books();
    look("a", "primary", 1);
    look("b", "replica", 1);
    look("a", "primary", 2);
    expect(told).toEqual([]);
  });

  it("tell its last look before the promotion, each that differs, and the first as a replica", () => {
    const { look, silence, told } = books();
    look("a", "primary", 1);
    look("b", "replica", 1);
    look("a", "primary", 5);
    silence("a");
    look("b", "primary", 5);
    expect(told).toEqual(["a primary 5"]);
    look("b", "primary", 6); // its own writes are its own affair
    look("a", "primary", 9);
    look("a", "primary", 9);
    look("a", "replica", 12);
    look("a", "replica", 13);
    expect(told).toEqual(["a primary 5", "a primary 9", "a replica 12"]);
  });

  it("tell a restart, after which it counts anew", () => {
    const { look, silence, told } = books();
    look("a", "primary", 5);
    look("b", "replica", 5);
    silence("a");
    look("b", "primary", 5);
    look("a", "primary", 0, "s");
    expect(told).toEqual(["a primary 5", "a primary 0 s"]);
  });

  it("close when it is promoted again", () => {
    const { look, told } = books();
    look("a", "primary", 5);
    look("b", "replica", 5);
    look("b", "primary", 5);
    look("a", "replica", 6);
    look("a", "primary", 7);
    expect(told).toEqual(["a primary 5", "a replica 6", "b primary 5"]);
    look("a", "primary", 8);
    look("b", "replica", 9);
    expect(told.at(-1)).toBe("b replica 9");
  });
});
