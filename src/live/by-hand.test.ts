import { expect, it } from "vitest";
import type { RunningTopology } from "../driver/driver.ts";
import { planOf } from "../scenario/plans.test-data.ts";
import { injectByHand } from "./by-hand.ts";

/** Nothing of it but its plan may be asked: a fault that does not fit is refused before. */
const topologyOf = (kind: "ha" | "cluster") => ({ plan: planOf({ kind }) }) as RunningTopology;

it.each(["move-slots", "add-shard", "remove-shard"])(
  "by hand, %s is refused in an HA topology",
  async (kind) => {
    await expect(injectByHand(topologyOf("ha"), kind, "primary")).rejects.toThrow(
      expect.objectContaining({ code: "BAD_USAGE", message: `${kind} is for cluster, not for ha` }),
    );
  },
);

it("by hand, an option that is for clusters is refused in an HA topology", async () => {
  await expect(injectByHand(topologyOf("ha"), "failover", "primary", { mode: "takeover" })).rejects.toThrow(
    expect.objectContaining({
      code: "BAD_USAGE",
      message: expect.stringContaining("Sentinel knows no takeover"),
    }),
  );
});
