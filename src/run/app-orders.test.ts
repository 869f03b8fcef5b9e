import { describe, expect, it } from "vitest";
import type { AppDrill, PlannedApp } from "../app/app-drill.ts";
import { AppOrders } from "./app-orders.ts";

const planned = (app: object) =>
  ({
    header: { addresses: [], instances: 2, probes: [] },
    use: { app, probes: [] },
  }) as unknown as PlannedApp;
const orders = () => new AppOrders(planned({ command: "node server.js" }));
/** An application of two instances, which remembers what it was told. */
function running(names: readonly string[] = ["app-1", "app-2"]) {
  const restarted: string[] = [];
  const application = {
    instances: names.map((name) => ({ name })),
    restart: async (name: string) => void restarted.push(name),
  };
  return { restarted, app: { application } as unknown as AppDrill };
}

describe("orders for the application of a drill", () => {
  it("restart an instance while the steps run, and only then", async () => {
    const { restarted, app } = running();
    const given = orders();
    await expect(given.restart("app-2")).rejects.toThrow(/only while the steps of the drill run/);
    await given.during(app, () => given.restart("app-2"));
    expect(restarted).toEqual(["app-2"]);
    await expect(given.restart("app-2")).rejects.toMatchObject({ code: "BAD_USAGE" });
    await expect(given.during(app, () => Promise.reject(new Error("broke")))).rejects.toThrow("broke");
    await expect(given.restart("app-2")).rejects.toThrow(/only while/);
  });

  it("name an instance that there is", async () => {
    const given = orders();
    const { app, restarted } = running();
    await expect(given.during(app, () => given.restart("app-3"))).rejects.toMatchObject({
      code: "BAD_USAGE",
      message: expect.stringMatching(/has no instance "app-3".*did you mean/i),
      hint: "Instances: app-1, app-2.",
    });
    await expect(given.during(running([]).app, () => given.restart("app-1"))).rejects.toMatchObject({
      hint: "The drill did not start it.",
    });
    expect(restarted).toEqual([]);
  });

  it("are offered only for what the drill started", () => {
    expect(orders().canRestart).toBe(true);
    expect(new AppOrders(planned({ url: "http://127.0.0.1:1" })).canRestart).toBe(false);
  });
});
