import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type DoctorItem, examine, isSupportedNode } from "./doctor.ts";

let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "valkey-drill-doctor-"));
});

afterAll(() => rm(scratch, { recursive: true, force: true }));

test("the range of Node versions is that of package.json's engines", () => {
  for (const good of ["20.19.0", "20.20.2", "22.12.0", "24.0.0", "26.1.0"])
    expect(isSupportedNode(good)).toBe(true);
  for (const bad of ["18.20.0", "20.18.3", "21.7.0", "22.11.0"])
    expect(isSupportedNode(bad), bad).toBe(false);
});

test("it looks at everything, and fetches nothing", async () => {
  const env = { ...process.env, VALKEY_DRILL_SERVER: "8.1", XDG_CACHE_HOME: join(scratch, "cache") };
  const items = await examine({ env });
  expect(items.map(({ name }) => name)).toEqual([
    "node",
    "server",
    "cache",
    "valkey-server on PATH",
    "fetching",
    "memory",
    "open files",
    "loopback addresses",
    "docker",
    "docker compose",
  ]);
  expect(item(items, "node")).toMatchObject({ state: "ok", detail: process.versions.node });
  expect(item(items, "cache")).toMatchObject({ state: "ok", detail: expect.stringContaining("empty") });
  expect(item(items, "memory").detail).toMatch(/^\d+ MiB available, enough for \d+ nodes$/);
  expect(await readdir(join(scratch, "cache/valkey-drill/valkey"))).toEqual([]);
});

test("a machine that has nothing: what is missing, and the command that mends it", async () => {
  const bin = join(scratch, "only-dnf");
  await writeProgram(join(bin, "dnf"), "exit 0");
  const items = await examine({ env: { HOME: scratch, PATH: bin } });
  expect(item(items, "server")).toMatchObject({ state: "missing", mend: "sudo dnf install valkey" });
  expect(item(items, "fetching")).toMatchObject({
    state: "warn",
    detail: expect.stringContaining("no apt-get, no dpkg"),
  });
  expect(item(items, "docker")).toMatchObject({
    state: "warn",
    detail: expect.stringContaining("no docker on PATH"),
  });
  for (const { state, mend } of items) if (state === "missing") expect(mend).toBeTruthy();
});

test("a server that cannot be used, and a cache that cannot be written, are told with what to do", async () => {
  const file = join(scratch, "a-file");
  await writeFile(file, "");
  const items = await examine({
    valkey: "/bin/ls",
    env: { ...process.env, XDG_CACHE_HOME: join(file, "x") },
  });
  expect(item(items, "server")).toMatchObject({
    state: "missing",
    detail: expect.stringContaining("/bin/ls --version"),
  });
  expect(item(items, "cache")).toMatchObject({
    state: "warn",
    detail: expect.stringContaining("ENOTDIR"),
    mend: expect.stringContaining("XDG_CACHE_HOME"),
  });
});

test("a docker engine that does not answer is not waited for; compose is told by its version", async () => {
  const bin = join(scratch, "hanging-docker");
  await writeProgram(join(bin, "docker"), '[ "$1" = compose ] && { echo v2.26.1; exit; }\nexec sleep 60');
  const items = await examine({ env: { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` } });
  expect(item(items, "docker")).toMatchObject({
    state: "warn",
    detail: expect.stringContaining("within 3000 ms"),
  });
  expect(item(items, "docker compose")).toMatchObject({ state: "ok", detail: "2.26.1" });
});

function item(items: readonly DoctorItem[], name: string): DoctorItem {
  return items.find((one) => one.name === name) ?? expect.fail(`no item ${name}`);
}

async function writeProgram(path: string, script: string): Promise<void> {
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
}
