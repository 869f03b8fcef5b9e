import { networkInterfaces } from "node:os";
import { DrillError } from "../../model/errors.ts";
import { docker } from "./docker-cli.ts";

/**
 * Drills use 10.213.16.0/24 to 10.213.255.0/24: outside of what Docker gives out by itself, and of the Compose files.
 */
const BASE = "10.213";
const FIRST = 16;
const LAST = 255;

/**
 * A subnet that neither the engine's networks nor this machine use, by its first three numbers. Nobody holds it: should
 * another process be quicker, making the network fails with `SUBNET_IN_USE`.
 *
 * @throws DrillError `SUBNET_IN_USE` if none is free
 */
export async function freeSubnet(): Promise<string> {
  const taken = [...(await networksOfEngine()), ...networksOfMachine()].map(rangeOf);
  const count = LAST - FIRST + 1;
  const start = Math.floor(performance.now() * 1000 + process.pid * 769) % count;
  for (let step = 0; step < count; step += 1) {
    const subnet = `${BASE}.${FIRST + ((start + step) % count)}`;
    const own = rangeOf(`${subnet}.0/24`);
    if (taken.every(({ first, last }) => last < own.first || first > own.last)) return subnet;
  }
  throw new DrillError(
    "SUBNET_IN_USE",
    `every subnet from ${BASE}.${FIRST}.0 to ${BASE}.${LAST}.0 is taken`,
    {
      hint: "`docker network prune` removes networks that nothing uses; `valkey-drill down` stops what `up` started",
    },
  );
}

async function networksOfEngine(): Promise<string[]> {
  const ids = (await docker(["network", "ls", "-q"])).split("\n").filter(Boolean);
  if (ids.length === 0) return [];
  const format = "{{range .IPAM.Config}}{{.Subnet}} {{end}}";
  // One that is being removed meanwhile is no reason to fail: making ours is what decides.
  const text = await docker(["network", "inspect", "--format", format, ...ids]).catch(() => "");
  return text.split(/\s+/).filter(isV4);
}

function networksOfMachine(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .map(({ cidr }) => cidr ?? "")
    .filter(isV4);
}

const isV4 = (cidr: string) => /^\d+(\.\d+){3}\/\d+$/.test(cidr);

function rangeOf(cidr: string): { first: number; last: number } {
  const [address = "", bits = "32"] = cidr.split("/");
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}
