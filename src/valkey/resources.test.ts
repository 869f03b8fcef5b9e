import { freemem, totalmem } from "node:os";
import { expect, test } from "vitest";
import type { DrillError } from "../model/errors.ts";
import { availableMemoryBytes, checkResources } from "./resources.ts";

const MIB = 1024 * 1024;

test("what fits exactly is let through; one byte or one file less is refused, with numbers and the way out", () => {
  const enough = { nodes: 6, availableBytes: 160 * MIB, openFiles: 200 };
  expect(() => checkResources(enough)).not.toThrow();

  const memory = refusal({ ...enough, availableBytes: 160 * MIB - 1 });
  expect(memory).toMatchObject({ code: "NO_RESOURCES" });
  expect(memory.message).toBe("6 nodes need about 160 MiB of memory, 160 MiB are available");
  expect(memory.hint).toContain("5 would fit");

  const files = refusal({ ...enough, openFiles: 199 });
  expect(files).toMatchObject({ code: "NO_RESOURCES" });
  expect(files.message).toContain("about 200 open files, a process may have 199");
  expect(files.hint).toContain("ulimit -n 200");
  expect(files.hint).toContain("5 would fit");
});

test("too little for even one node says so, not a negative number", () => {
  expect(refusal({ nodes: 1, availableBytes: 10 * MIB, openFiles: 1000 }).hint).toContain("0 would fit");
});

test("the real numbers: no drill of six is refused here, one of ten million is", () => {
  expect(() => checkResources({ nodes: 6 })).not.toThrow();
  expect(refusal({ nodes: 10_000_000 }).code).toBe("NO_RESOURCES");
  expect(availableMemoryBytes()).toBeGreaterThan(0);
  expect(availableMemoryBytes()).toBeLessThanOrEqual(Math.max(totalmem(), freemem()));
});

function refusal(need: Parameters<typeof checkResources>[0]): DrillError {
  try {
    checkResources(need);
  } catch (error) {
    return error as DrillError;
  }
  throw new Error(`not refused: ${JSON.stringify(need)}`);
}
