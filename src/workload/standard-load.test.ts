import { afterAll, expect, it } from "vitest";
import { z } from "zod";
import { addWorkload, standardLoad, WORKLOADS } from "./registry.ts";
import { isProbe, type Workload } from "./workload.ts";

/* What the core asks of a workload it asks of a plugin's as of a built-in one. */

const options = z.strictObject({ perSecond: z.int().default(5) });
const visits: Workload<"visits", typeof options, "steady"> = {
  name: "visits",
  summary: "a workload of a plugin",
  kind: "steady",
  topologies: ["ha"],
  options,
  measures: ({ perSecond }) => ({ writesPerSecond: perSecond }),
  standardLoad: {},
  run: async () => {},
};

// Other tests of this process go through the workloads that come with the tool.
afterAll(() => (WORKLOADS as Map<string, Workload>).delete(visits.name));

it("shows whether the service is well if it sends at a fixed rate, with the options that it has", () => {
  expect(isProbe(visits as Workload, { perSecond: 5 })).toBe(true);
  expect(isProbe(visits as Workload, { perSecond: 0 })).toBe(false);
  expect(isProbe({ ...visits, measures: undefined } as Workload, { perSecond: 5 })).toBe(false);
  expect([...WORKLOADS.values()].filter((one) => isProbe(one, one.options.parse({}))).length).toBeGreaterThan(
    0,
  );
});

it("is the standard load if it says so, and those before it do not", () => {
  const before = standardLoad("ha");
  addWorkload(visits as Workload);
  expect(standardLoad("ha")).toEqual(before); // what is built in comes first
  for (const topology of ["ha", "cluster"] as const) {
    const { name, options: given } = standardLoad(topology);
    const load = WORKLOADS.get(name);
    expect(load?.kind).toBe("steady");
    expect(load && isProbe(load, load.options.parse(given))).toBe(true);
  }
});
