import { expect, test } from "vitest";
import { belongsTo, compareVersions, isAtLeast, isVersion } from "./version.ts";

test("a version is digits and dots; anything else is a path", () => {
  for (const text of ["8", "8.1", "8.1.1", "12"]) expect(isVersion(text), text).toBe(true);
  for (const text of ["", "v8.1", "8.x", "8.", "./8.1", "8.1-rc1"]) expect(isVersion(text), text).toBe(false);
});

test("a version belongs to its prefixes, number by number", () => {
  for (const wanted of ["8", "8.1", "8.1.1"]) expect(belongsTo("8.1.1", wanted), wanted).toBe(true);
  for (const wanted of ["8.1.10", "8.11", "8.0", "1", "81"]) {
    expect(belongsTo("8.1.1", wanted), wanted).toBe(false);
  }
  expect(belongsTo("8.1.10", "8.1.1")).toBe(false);
  expect(belongsTo("9.1.0-rc2", "9.1.0")).toBe(true);
});

test("versions compare as numbers, not as text", () => {
  expect(["8.10.0", "8.9.3", "10.0", "8.9"].sort(compareVersions)).toEqual([
    "8.9",
    "8.9.3",
    "8.10.0",
    "10.0",
  ]);
  expect(isAtLeast("7.2.5", "7.2")).toBe(true);
  expect(isAtLeast("7.0.15", "7.2")).toBe(false);
  expect(isAtLeast("8.0.0-rc1", "8.0")).toBe(true);
});
