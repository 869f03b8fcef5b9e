import { describe, expect, it } from "vitest";
import { describeLinks } from "../../test/support/link-conformance.ts";
import { testDriver } from "../../test/support/server.ts";
import { bandwidth } from "./bandwidth.ts";
import { cut } from "./cut.ts";
import { delay } from "./delay.ts";
import { drip } from "./drip.ts";

/* What is common to the faults of links; each of them is played by `fault.integration.test.ts`. */

describe.runIf(process.platform === "linux")("on Linux", () => {
  describeLinks("process", () => testDriver());
});

describe("a fault of links", () => {
  it.each<[string[], string]>([
    [["primary>replica-1"], "primary>replica-1 cut"],
    [["replica-1>primary", "primary>replica-1"], "replica-1<>primary cut"],
    [["a>b", "b>a", "a>c", "c>a", "a>d", "d>a", "e>a", "a>e"], "a (8 links) cut"],
    [["a>b", "c>d", "e>f", "g>h"], "4 links cut"],
  ])("of %j is called %s", (targets, label) => {
    expect(cut.label(targets, {})).toBe(label);
  });

  it("tells its numbers", () => {
    expect(delay.label(["a>b"], { ms: 200, jitterMs: 50 })).toBe("a>b delayed by 200 ms ± 50 ms");
    expect(delay.label(["a>b"], { ms: 200, jitterMs: 0 })).toBe("a>b delayed by 200 ms");
    expect(bandwidth.label(["a>b"], { bytesPerSecond: 9 })).toBe("a>b limited to 9 bytes/s");
    expect(drip.label(["a>b"], { bytes: 1, everyMs: 2 })).toBe("a>b dripping 1 bytes each 2 ms");
    expect(delay.options.safeParse({ ms: 10, jitterMs: 11 }).success).toBe(false);
  });
});
