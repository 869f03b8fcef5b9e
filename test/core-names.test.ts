import { describe, expect, it } from "vitest";
import { CHECKERS } from "../src/check/registry.ts";
import { FAULTS } from "../src/fault/registry.ts";
import { WORKLOADS } from "../src/workload/registry.ts";
import { isCore, namedIn } from "./support/registered-names.ts";
import { filesIn, type SourceFile } from "./support/structure.ts";

const REGISTERED = {
  faults: [...FAULTS.keys()],
  workloads: [...WORKLOADS.keys()],
  checkers: CHECKERS.map(({ name }) => name),
};

/** Common words that mean something else there. */
const OTHER_MEANING: readonly string[] = [
  "src/history/plain/pairing.ts: register", // the name of a key
  "src/model/capabilities.ts: slow-disk", // a capability
  "src/report/html/page/charts/lanes.tsx: steps", // a lane of the timeline
  "src/valkey/doctor.ts: memory", // that of the machine
];

describe("core code", { timeout: 600_000 }, () => {
  it("names no particular fault, workload or checker", () => {
    const core = filesIn("src").filter((file) => isCore(file, REGISTERED));
    expect(core.length).toBeGreaterThan(0);
    expect(core.flatMap((file) => namedIn(file, REGISTERED))).toEqual(OTHER_MEANING);
  });
});

describe("the search for names", () => {
  const file = (path: string, text: string): SourceFile => ({ path, text });
  const registered = {
    faults: ["stop", "disk-full"],
    workloads: ["crud", "unique-writes"],
    checkers: ["topology"],
  };

  it.each<[code: string, name: string]>([
    ['const FIRST = "stop";', "stop"],
    ['if (entry.fault.kind === "stop") x();', "stop"],
    ['if ("crud" !== workload) x();', "crud"],
    ['const found = checks.find(({ name }) => name === "topology");', "topology"],
    ['switch (fault.kind) { case "stop": x(); }', "stop"],
    ['const seen = facts.observations("crud");', "crud"],
    ['const fault = FAULTS.get("stop");', "stop"],
    ['await stage.inject("stop", targets);', "stop"],
    ['steps.push({ start: "crud" });', "crud"],
    ['if (["stop", "kill"].includes(kind)) x();', "stop"],
    ['const steps = [{ start: { "unique-writes": {} } }];', "unique-writes"],
    ["const texts = [`unique-writes`];", "unique-writes"],
    ['const code = kind in { "disk-full": 1 } ? 1 : 0;', "disk-full"],
  ])("finds it in %s", (code, name) => {
    expect(namedIn(file("src/x.ts", code), registered)).toEqual([`src/x.ts: ${name}`]);
  });

  it.each<string>([
    'if (event.type === "topology") x();',
    'type Part = Pick<Scenario, "topology">;',
    'const flags = ["stop", "go"];',
    '// the fault "disk-full"',
    'const at = ["topology", "replicas"];',
    'if (ended === "stop") x();',
    'record({ type: "topology" });',
    'const panel = <figure class="disk-full" />;',
  ])("lets %s be", (code) => {
    expect(namedIn(file("src/x.tsx", code), registered)).toEqual([]);
  });

  it("leaves out what is no core code", () => {
    const paths = (some: string[]) => some.filter((path) => isCore(file(path, ""), registered));
    expect(
      paths([
        "src/fault/stop.ts",
        "src/workload/crud.ts",
        "src/check/topology.ts",
        "src/check/topology-x.ts",
      ]),
    ).toEqual([]);
    expect(paths(["src/check/judge.ts", "src/check/judge.test.ts", "src/report/page.tsx"])).toEqual([
      "src/check/judge.ts",
      "src/report/page.tsx",
    ]);
  });
});
