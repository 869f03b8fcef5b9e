import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRun, findRun, listRuns } from "./run-store.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "drill-runs-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("createRun", () => {
  it("makes the folder, named after time and scenario, and its parents", async () => {
    const run = await createRun(join(dir, "a", "b"), "ha-failover");
    expect(run.id).toMatch(/^\d{8}-\d{6}-ha-failover-[0-9a-f]{4}$/);
    expect(run.dir).toBe(join(dir, "a", "b", run.id));
    expect((await stat(run.nodes)).isDirectory()).toBe(true);
    expect((await stat(run.dir)).mode & 0o777).toBe(0o700);
    expect(run.history).toBe(join(run.dir, "history.jsonl"));
  });

  it("gives each of many runs of the same second its own folder", async () => {
    const runs = await Promise.all(Array.from({ length: 60 }, () => createRun(dir, "x")));
    expect(new Set(runs.map((run) => run.dir)).size).toBe(60);
  });

  it("keeps a scenario's name from leaving the folder", async () => {
    const run = await createRun(dir, "../../Etc/Пароль x");
    expect(run.dir.startsWith(dir)).toBe(true);
    expect(run.id).toMatch(/^\d{8}-\d{6}-etc-x-[0-9a-f]{4}$/);
    expect((await createRun(dir, "…")).id).toContain("-drill-");
  });

  it("refuses a folder that cannot be written", async () => {
    await writeFile(join(dir, "file"), "");
    await expect(createRun(join(dir, "file", "runs"), "x")).rejects.toMatchObject({
      code: "BAD_USAGE",
      message: expect.stringContaining("cannot write runs into"),
      hint: expect.stringContaining("--out"),
    });
    await expect(createRun(join(dir, "file"), "x")).rejects.toMatchObject({ code: "BAD_USAGE" });
  });
});

describe("findRun", () => {
  const make = async (id: string) => {
    await mkdir(join(dir, id));
    await writeFile(join(dir, id, "history.jsonl"), "");
    return id;
  };
  const older = "20250101-000000-ha-failover-aaaa";
  const newer = "20250102-000000-ha-failover-bbbb";

  beforeEach(async () => {
    await make(newer);
    await make(older);
    await mkdir(join(dir, "notes"));
  });

  it.each([
    ["a run id", older, older],
    ["a unique beginning", "20250101", older],
    ["latest", "latest", newer],
  ])("finds a run by %s", async (_name, ref, id) => {
    expect((await findRun(dir, ref)).id).toBe(id);
  });

  it("finds a run by its path, wherever that is", async () => {
    expect((await findRun("/nowhere", join(dir, older))).dir).toBe(join(dir, older));
  });

  it("refuses a beginning that several have, and lists them", async () => {
    await expect(findRun(dir, "2025")).rejects.toMatchObject({
      code: "BAD_RUN",
      hint: expect.stringMatching(`${newer}\n.*${older}`),
    });
  });

  it.each(["nope", "", "notes"])("refuses %j, and lists the newest", async (ref) => {
    for (const second of [1, 2, 3, 4, 5]) await make(`20250103-00000${second}-x-cccc`);
    const error = await findRun(dir, ref).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "BAD_RUN", hint: expect.stringContaining("20250103-000005-x-cccc") });
    expect(error).toMatchObject({ hint: expect.stringContaining("… and 2 more") });
  });

  it("latest is the latest drill; a run of a bake-off is refused for what it is", async () => {
    const bakeoff = await make("20250103-000000-bakeoff-ha-kill-ioredis-cccc");
    await writeFile(
      join(dir, bakeoff, "history.jsonl"),
      `{"type":"header","at":0,"runId":"x","scenario":"bakeoff-ha-kill"}\n`,
    );
    expect((await findRun(dir, "latest")).id).toBe(newer);
    for (const ref of [bakeoff, "20250103", join(dir, bakeoff)]) {
      await expect(findRun(dir, ref)).rejects.toMatchObject({
        code: "BAD_RUN",
        message: expect.stringContaining("is a run of a bake-off, not a drill"),
      });
    }
  });

  it("says how to get a first run", async () => {
    await expect(findRun(join(dir, "none"), "latest")).rejects.toMatchObject({
      code: "BAD_RUN",
      hint: expect.stringContaining("valkey-drill run"),
    });
  });

  it("lists runs, the newest first, those of one second by age, and nothing else", async () => {
    expect((await listRuns(dir)).map((run) => run.id)).toEqual([newer, older]);
    const first = await createRun(dir, "x");
    await new Promise((resolve) => setTimeout(resolve, 15));
    const second = await createRun(dir, "x");
    expect((await listRuns(dir)).map((run) => run.id).slice(0, 2)).toEqual([second.id, first.id]);
  });
});
