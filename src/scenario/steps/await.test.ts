import { describe, expect, it } from "vitest";
import type { TopologyView } from "../../observe/view.ts";
import type { Drill } from "../drill.ts";
import { planOf, viewOf } from "../plans.test-data.ts";
import { awaitStep } from "./await.ts";

describe("await", () => {
  const plan = planOf({ kind: "ha", replicas: 1, sentinels: 1 });
  const whole = viewOf(plan);
  const twoPrimaries = viewOf(plan, { "replica-1": { role: "primary" } });
  /** What it sees on its own is `view`; a look shows `then`. */
  const drillThatSees = (view: TopologyView, then: TopologyView) => {
    const drill = {
      plan,
      view,
      faultsInForce: () => [],
      signal: new AbortController().signal,
      look: async () => {
        drill.view = then;
      },
    };
    return drill as unknown as Drill;
  };
  const rejoined = { condition: "rejoined", within: 50 } as const;

  it("takes what it sees after it began, not what was seen before a fault took effect", async () => {
    const drill = drillThatSees(whole, twoPrimaries);
    await expect(awaitStep.run(drill, rejoined)).rejects.toThrow("2 of 1 primaries");
  });

  it("ends at once if it holds by then", async () => {
    const drill = drillThatSees(twoPrimaries, whole);
    await expect(awaitStep.run(drill, rejoined)).resolves.toBe("primary primary");
  });
});
