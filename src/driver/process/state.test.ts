import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ownIdentity } from "../identity.ts";
import { openStateDir } from "../state-dir.ts";
import { defaultStateDir, listEnvironments, processDriver, sweep } from "./index.ts";
import { type EnvironmentRecord, readRecord, recordPath } from "./state.ts";
import { StateFile } from "./state-file.ts";

let root: string;
let stateDir: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "valkey-drill-state-"));
  stateDir = join(root, "state");
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

it("is kept where the user says, or where state belongs", () => {
  expect(defaultStateDir({ VALKEY_DRILL_STATE: "/mine", XDG_STATE_HOME: "/xdg" })).toBe("/mine");
  expect(defaultStateDir({ XDG_STATE_HOME: "/xdg" })).toBe("/xdg/valkey-drill");
  expect(defaultStateDir({ XDG_STATE_HOME: "relative" })).toMatch(/^\/.*\/\.local\/state\/valkey-drill$/);
  expect(defaultStateDir({})).toMatch(/^\/.*\/\.local\/state\/valkey-drill$/);
});

it("in a folder that cannot be written is an error that says so", async () => {
  await writeFile(stateDir, "a file where the folder should be");
  const driver = processDriver({} as never, { stateDir });
  await expect(driver.holdEndpoints({ count: 1, withBus: false })).rejects.toMatchObject({
    code: "STATE_UNWRITABLE",
    message: expect.stringMatching(new RegExp(`state folder ${stateDir}: .*(ENOTDIR|EEXIST)`)),
    hint: expect.stringContaining("VALKEY_DRILL_STATE"),
  });
});

it("that cannot be understood is named, left alone, and hinders nothing else", async () => {
  openStateDir(stateDir);
  await writeFile(recordPath(stateDir, "00000001"), '{"id": "0000');
  await writeFile(recordPath(stateDir, "00000002"), '{"phase": "ready", "id": "00000002"}');
  await writeFile(recordPath(stateDir, "00000003"), JSON.stringify(record("00000003", { owner: dead })));
  await writeFile(join(stateDir, "ports", "20001"), JSON.stringify({ id: "00000001", owner: dead }));

  const report = await sweep(stateDir);
  expect(report.cleared).toEqual([{ id: "00000003", killed: [] }]);
  const { environments, unreadable } = await listEnvironments({ stateDir });
  expect(environments).toEqual([]);
  expect(unreadable).toMatchObject([
    { path: recordPath(stateDir, "00000001"), reason: expect.stringContaining("JSON") },
    { path: recordPath(stateDir, "00000002"), reason: expect.stringContaining("driver") },
  ]);
  expect(await readdir(join(stateDir, "ports"))).toEqual(["20001"]);
});

it("without its plan is named, too", async () => {
  openStateDir(stateDir);
  await writeFile(recordPath(stateDir, "00000001"), JSON.stringify(record("00000001")));
  const { environments, unreadable } = await listEnvironments({ stateDir });
  expect(environments).toEqual([]);
  expect(unreadable).toMatchObject([{ path: expect.stringMatching(/00000001\.plan$/) }]);
});

it("takes changes of several processes without losing any", async () => {
  openStateDir(stateDir);
  const one = new StateFile(stateDir, record("00000001"));
  one.create();
  const other = new StateFile(stateDir, record("00000001"));
  await Promise.all(
    [one, other, one, other, one].map((file, index) => file.update((changed) => changed.ports.push(index))),
  );
  const written = readRecord(recordPath(stateDir, "00000001")) as EnvironmentRecord;
  expect(written.ports.toSorted()).toEqual([0, 1, 2, 3, 4]);
  expect(one.record).toEqual(written);
  expect(await readdir(join(stateDir, "environments"))).toEqual(["00000001.json"]);

  await rm(recordPath(stateDir, "00000001"));
  await expect(one.update(() => undefined)).rejects.toMatchObject({ code: "NO_ENVIRONMENT" });
  expect(one.record).toEqual(written);
});

it("is written whole or not at all", async () => {
  openStateDir(stateDir);
  const file = new StateFile(stateDir, record("00000001"));
  file.create();
  const before = await readFile(recordPath(stateDir, "00000001"), "utf8");
  const failing = file.update(() => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await readFile(recordPath(stateDir, "00000001"), "utf8")).toBe(before);
  expect(await readdir(join(stateDir, "environments"))).toEqual(["00000001.json"]);
});

const dead = { pid: 1, startTime: "long ago" };

function record(id: string, change: Partial<EnvironmentRecord> = {}): EnvironmentRecord {
  return {
    phase: "ready",
    id,
    driver: "process",
    createdAt: "2026-01-01T00:00:00.000Z",
    owner: ownIdentity(),
    detached: false,
    boot: "boot",
    dir: "/nowhere",
    server: {
      flavour: "valkey",
      version: "8.1.1",
      command: "/nowhere/valkey-server",
      args: [],
      env: {},
      executable: "/nowhere/valkey-server",
      origin: "path",
    },
    ports: [],
    nodes: [{ name: "primary", dir: "/nowhere/primary" }],
    ...change,
  };
}
