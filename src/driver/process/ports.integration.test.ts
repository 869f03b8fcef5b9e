import { spawnSync } from "node:child_process";
import { renameSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ownIdentity, type ProcessIdentity } from "../identity.ts";
import { holdPorts, portHolder, releasePorts } from "../ports.ts";
import { openStateDir } from "../state-dir.ts";
import { createRecord, recordPath } from "./state.ts";
import { sweep } from "./sweep.ts";

let stateDir: string;
let busy: Server | undefined;

beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "valkey-drill-ports-"));
  openStateDir(stateDir);
});

afterEach(async () => {
  await new Promise<void>((resolve) => (busy ? busy.close(() => resolve()) : resolve()));
  busy = undefined;
  await rm(stateDir, { recursive: true });
});

it("holds 300 ports, all below the range for outgoing connections", async () => {
  const ports = await holdPorts(stateDir, { id: "00000001", count: 300 });
  expect(new Set(ports).size).toBe(300);
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(20_000);
  expect(Math.max(...ports)).toBeLessThanOrEqual(32_000);
  expect(await listPorts()).toHaveLength(300);

  releasePorts(stateDir, "00000002", ports);
  expect(await listPorts()).toHaveLength(300);
  releasePorts(stateDir, "00000001", ports);
  expect(await listPorts()).toEqual([]);
});

it("passes over a port that a stranger listens on", async () => {
  const first = await holdRow("00000001", 1);
  await listen(first + 2);
  const ports = await holdPorts(stateDir, { id: "00000002", count: 10 });
  expect(Math.max(...ports)).toBeGreaterThan(first + 2);
  expect(ports).not.toContain(first + 2);
  expect(portHolder(stateDir, first + 2)).toBeUndefined();
});

it.runIf(process.platform === "linux")(
  "each port is free at the addresses where it will be used; elsewhere a stranger does not matter",
  async () => {
    const first = await holdRow("00000001", 1);
    await listen(first + 2, "127.0.2.2");
    const hostsOf = (index: number) => [`127.0.1.${index + 1}`, `127.0.2.${index + 1}`];
    const ports = await holdPorts(stateDir, { id: "00000002", count: 3, hostsOf });
    expect(ports).toHaveLength(3);
    expect(ports[1]).not.toBe(first + 2);
    releasePorts(stateDir, "00000002");
    const refused = holdPorts(stateDir, { id: "00000003", count: 2, firstPort: first + 1, hostsOf });
    await expect(refused).rejects.toMatchObject({
      message: expect.stringContaining(`port ${first + 2} on 127.0.1.2`),
    });
    expect(await holdPorts(stateDir, { id: "00000004", count: 2, firstPort: first + 1 })).toHaveLength(2);
  },
);

it("refuses consecutive ports if a stranger listens on one of them, and holds none", async () => {
  const first = await holdRow("00000001", 4);
  releasePorts(stateDir, "00000001");
  await listen(first + 2);
  await expect(holdPorts(stateDir, { id: "00000002", count: 4, firstPort: first })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringMatching(new RegExp(`port ${first + 2} .*EADDRINUSE`)),
    hint: expect.stringContaining("another first port"),
  });
  expect(await listPorts()).toEqual([]);
});

it("names the process that holds a port, if it is one of ours", async () => {
  const [port = 0] = await holdPorts(stateDir, { id: "00000001", count: 1 });
  await expect(holdPorts(stateDir, { id: "00000002", count: 2, firstPort: port - 1 })).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: `port ${port} on 127.0.0.1 cannot be used: environment 00000001, started by pid ${process.pid}, holds it`,
  });
  expect(await listPorts()).toEqual([String(port)]);
});

it("refuses ports that do not exist", async () => {
  const impossible = holdPorts(stateDir, { id: "00000001", count: 2, firstPort: 65_535 });
  await expect(impossible).rejects.toMatchObject({ code: "BAD_USAGE" });
});

it("has the lock of a dead process swept away, and respects that of a living one", async () => {
  const dead = { pid: spawnSync("true").pid, startTime: "long ago" };
  const living = ownIdentity();
  await writeFile(join(stateDir, "ports", "20001"), JSON.stringify({ id: "00000001", owner: dead }));
  await writeFile(join(stateDir, "ports", "20002"), JSON.stringify({ id: "00000002", owner: living }));
  await writeFile(join(stateDir, "ports", "20003"), "not ours");
  const reports = await Promise.all([sweep(stateDir), sweep(stateDir)]);
  expect(reports.flatMap((report) => report.cleared)).toEqual([{ id: "00000001", killed: [] }]);
  expect(await listPorts()).toEqual(["20002", "20003"]);
  expect(await readdir(join(stateDir, "environments"))).toEqual([]);
});

it("removes what a tool that was killed while it wrote a record has left, once the record is gone", async () => {
  const dead = { pid: spawnSync("true").pid, startTime: "long ago", token: "0123456789ab" };
  const dir = join(stateDir, "environments");
  const write = (name: string, content: object) => writeFile(join(dir, name), JSON.stringify(content));
  const temporary = (path: string, { pid, startTime }: ProcessIdentity) =>
    `${path}.ba9876543210-${pid}-${encodeURIComponent(startTime)}.tmp`;
  const record = { phase: "held", driver: "process", createdAt: new Date().toISOString() } as const;
  createRecord(stateDir, { ...record, id: "00000001", owner: dead });
  createRecord(stateDir, { ...record, id: "00000002", owner: ownIdentity() });
  for (const id of ["00000001", "00000002", "00000003"]) {
    await write(`${id}.json.lock`, dead);
    await write(`${id}.json.lock.0123456789ab`, dead);
    await write(temporary(`${id}.json.lock`, dead), dead);
  }
  await write("00000004.json.lock", { ...ownIdentity(), token: "1" });
  await write(temporary("00000004.json", ownIdentity()), {}); // just being written
  await write(temporary("00000005.plan", dead), {});
  await sweep(stateDir);
  expect((await readdir(dir)).toSorted()).toEqual([
    "00000002.json",
    "00000002.json.lock",
    "00000002.json.lock.0123456789ab",
    temporary("00000002.json.lock", dead),
    temporary("00000004.json", ownIdentity()),
    "00000004.json.lock",
  ]);
});

it("leaves a lock whose owner is dead to the process that is clearing its record already", async () => {
  const dead = { pid: spawnSync("true").pid, startTime: "long ago" };
  const record = {
    phase: "held",
    id: "00000001",
    driver: "process",
    createdAt: new Date().toISOString(),
  } as const;
  createRecord(stateDir, { ...record, owner: dead });
  const { pid, startTime } = ownIdentity();
  const claim = `${recordPath(stateDir, record.id)}.clearing-${pid}-${encodeURIComponent(startTime)}`;
  renameSync(recordPath(stateDir, record.id), claim);
  await writeFile(join(stateDir, "ports", "20001"), JSON.stringify({ id: record.id, owner: dead }));
  expect((await sweep(stateDir)).cleared).toEqual([]);

  renameSync(claim, claim.replace(`-${pid}-`, `-${dead.pid}-`));
  expect((await sweep(stateDir)).cleared).toEqual([{ id: record.id, killed: [] }]);
  expect(await listPorts()).toEqual([]);
});

/** Consecutive ports, well before the end of the range; others on this machine may hold any. @returns the first. */
async function holdRow(id: string, count: number): Promise<number> {
  for (;;) {
    const ports = await holdPorts(stateDir, { id, count });
    const [first = 0] = ports;
    if (first < 31_900 && ports.every((port, index) => port === first + index)) return first;
    releasePorts(stateDir, id);
  }
}

async function listen(port: number, host = "127.0.0.1"): Promise<void> {
  busy = createServer();
  await new Promise<void>((resolve) => busy?.listen(port, host, resolve));
}

async function listPorts(): Promise<string[]> {
  return (await readdir(join(stateDir, "ports"))).toSorted();
}
