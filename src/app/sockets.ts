import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { AppProcess } from "./processes.ts";

/** TCP ports of some processes, as the kernel tells (proc(5), /proc/net/tcp). Only Linux can: elsewhere undefined. */
export interface TcpPorts {
  /** Where they listen: `127.0.0.1:3000`. */
  readonly listening: readonly string[];
  /** Local ports of their connections. */
  readonly connected: ReadonlySet<number>;
}

const LISTEN = "0A";

/** The ports of these processes' sockets now. */
export function tcpPortsOf(processes: readonly AppProcess[]): TcpPorts | undefined {
  if (process.platform !== "linux") return undefined;
  const inodes = new Set(processes.flatMap(({ pid }) => socketsOf(pid)));
  const listening = new Set<string>();
  const connected = new Set<number>();
  const [first] = processes; // they share one network, and so one table
  for (const { local, state, inode } of first === undefined ? [] : tableOf(first.pid)) {
    if (!inodes.has(inode)) continue;
    const [host, port] = addressOf(local);
    if (state === LISTEN) listening.add(`${host}:${port}`);
    else connected.add(port);
  }
  return { listening: [...listening].sort(), connected };
}

/** Inodes of the sockets that it has open. */
function socketsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${fd}`))?.[1] ?? [];
      } catch {
        return []; // closed meanwhile
      }
    });
  } catch {
    return []; // it has ended, or is somebody else's
  }
}

interface Row {
  readonly local: string;
  readonly state: string;
  readonly inode: string;
}

function tableOf(pid: number): Row[] {
  return ["tcp", "tcp6"].flatMap((name) => {
    try {
      const [, ...lines] = readFileSync(`/proc/${pid}/net/${name}`, "latin1").trimEnd().split("\n");
      return lines.map((line) => {
        const fields = line.trim().split(/\s+/);
        return { local: fields[1] ?? "", state: fields[3] ?? "", inode: fields[9] ?? "" };
      });
    } catch {
      return []; // it has ended, or there is no IPv6
    }
  });
}

/** `0100007F:1F90`, each four bytes in the machine's order, which is little-endian wherever this runs. */
function addressOf(text: string): [host: string, port: number] {
  const [address = "", port = ""] = text.split(":");
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  const numbers = bytes.map((byte) => Number.parseInt(byte, 16));
  const isMapped = bytes.length === 16 && /^(00){10}ffff$/i.test(bytes.slice(0, 12).join(""));
  const four = isMapped ? numbers.slice(12) : numbers;
  if (four.length === 4) return [four.join("."), Number.parseInt(port, 16)];
  const isAny = numbers.every((one) => one === 0);
  const isLoopback = numbers.slice(0, 15).every((one) => one === 0) && numbers[15] === 1;
  const groups = (bytes.join("").toLowerCase().match(/.{4}/g) ?? []).join(":");
  const host = isAny ? "::" : isLoopback ? "::1" : groups;
  return [`[${host}]`, Number.parseInt(port, 16)];
}
