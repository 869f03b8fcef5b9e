import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pruneRuns, savedRuns } from "./saved-runs.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "drill-saved-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const id = (day: number) => `2025010${day}-030405-ha-failover-aaaa`;

async function make(day: number, files: Readonly<Record<string, string>> = {}): Promise<void> {
  await mkdir(join(dir, id(day), "nodes", "primary"), { recursive: true });
  await writeFile(join(dir, id(day), "scenario.yaml"), "");
  for (const [name, text] of Object.entries(files)) await writeFile(join(dir, id(day), name), text);
}

describe("savedRuns", () => {
  it("tells verdict, kind, size and time of each, the newest first", async () => {
    await make(1, { "result.json": JSON.stringify({ verdict: "fail", more: 1 }) });
    await make(2, { "history.jsonl": "x".repeat(1000), "result.json": "{" });
    await rm(join(dir, id(2), "scenario.yaml"));
    await make(3);
    await writeFile(join(dir, id(3), "history.jsonl"), `{"type":"header","scenario":"bakeoff-ha-kill"}\n`);
    await rm(join(dir, id(3), "scenario.yaml"));
    await writeFile(join(dir, "comparison.html"), "");
    expect(await savedRuns(dir)).toMatchObject([
      { id: id(3), kind: "bakeoff" },
      { id: id(2), kind: "drill", bytes: 1001, startedAt: "2025-01-02T03:04:05Z" },
      { id: id(1), kind: "drill", verdict: "fail" },
    ]);
  });

  it("tells what became of an application, where a result says it", async () => {
    const said = (words: unknown) => ({ "result.json": JSON.stringify({ verdict: "fail", app: { words } }) });
    await make(1, said(["STUCK", "LOST"]));
    await make(2, said([]));
    await make(3, said(["ODD"]));
    const [odd, none, stuck] = await savedRuns(dir);
    expect(stuck).toMatchObject({ verdict: "fail", words: ["STUCK", "LOST"] });
    expect(none).toMatchObject({ verdict: "fail" });
    expect(none).not.toHaveProperty("words");
    expect(odd).not.toHaveProperty("verdict"); // no result that this version can read
  });

  it("follows no link out of the folder", async () => {
    await make(1);
    await symlink("/usr", join(dir, id(1), "nodes", "link"));
    await symlink(join(dir, id(1)), join(dir, id(2)));
    expect(await savedRuns(dir)).toMatchObject([{ id: id(1), bytes: 0 }]);
  });
});

describe("pruneRuns", () => {
  beforeEach(async () => {
    for (const day of [1, 2, 3, 4]) await make(day);
  });
  const left = async () => (await savedRuns(dir)).map((run) => run.id);

  it("keeps the newest, and all that is no run", async () => {
    await writeFile(join(dir, "junit.xml"), "");
    await mkdir(join(dir, "mine"));
    const removed = await pruneRuns(dir, { keep: 1 });
    expect(removed.map((run) => run.id)).toEqual([id(3), id(2), id(1)]);
    expect(await left()).toEqual([id(4)]);
    await writeFile(join(dir, "junit.xml"), "", { flag: "r+" });
  });

  it("removes what is older", async () => {
    await pruneRuns(dir, { startedSince: new Date("2025-01-03T03:04:05Z") });
    expect(await left()).toEqual([id(4), id(3)]);
  });

  it("leaves a run whose nodes are running, and all of them where nothing is asked for", async () => {
    await pruneRuns(dir, { keep: 0 }, [join(dir, id(2), "nodes")]);
    expect(await left()).toEqual([id(2)]);
    expect(await pruneRuns(dir, {})).toEqual([]);
  });
});
