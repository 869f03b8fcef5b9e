import type { ReadReport } from "../model.ts";
import { readLogs } from "../read/read-logs.ts";

/** Reads lines as they stand in the logs of nodes, `HH:MM:SS.mmm` before each, on one day. */
export async function reportOf(
  logs: Readonly<Record<string, { role: string; lines: string }>>,
): Promise<ReadReport> {
  const inputs = Object.entries(logs).map(([name, { role, lines }], index) => ({
    name: `${name}.log`,
    stream: streamOf(`${logText(role, lines, 100 + index)}\n`),
  }));
  return readLogs(inputs);
}

function logText(role: string, lines: string, pid: number): string {
  return lines
    .trim()
    .split("\n")
    .map((line) => {
      const [time = "", level = "*", ...text] = line.trim().split(" ");
      return `${pid}:${role} 29 Nov 2026 ${time} ${level} ${text.join(" ")}`;
    })
    .join("\n");
}

async function* streamOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

/** A primary that is killed, and a replica that a Sentinel promotes. */
export const killed = {
  primary: {
    role: "M",
    lines: `
      04:31:47.643 * oO0OoO0OoO0Oo Valkey is starting oO0OoO0OoO0Oo
      04:31:47.646 * Running mode=standalone, port=22025.
      04:31:47.648 * Ready to accept connections tcp
      04:31:47.679 * Replica 127.0.0.1:22026 asks for synchronization
      04:31:47.686 * Synchronization with replica 127.0.0.1:22026 succeeded`,
  },
  replica: {
    role: "S",
    lines: `
      04:31:47.664 * Running mode=standalone, port=22026.
      04:31:47.676 * Connecting to PRIMARY 127.0.0.1:22025
      04:31:47.686 * PRIMARY <-> REPLICA sync: Finished with success
      04:31:50.212 * Connection with primary lost.
      04:31:50.212 # Error condition on socket for SYNC: Connection refused
      04:31:52.561 * Setting secondary replication ID to 2c1db0900e11b8b0f4978ab5c08d94649159330f, valid up to offset: 33903. New replication ID is 92d2a3799ab4870e781bd567e3f737e3410ac0d7
      04:31:52.561 * PRIMARY MODE enabled (user request from 'id=6 addr=127.0.0.1:54822 laddr=127.0.0.1:22026 fd=15 name=boss user=alice lib-name= lib-ver=')`,
  },
  sentinel: {
    role: "X",
    lines: `
      04:31:47.735 * Sentinel ID is b2f8e43f01f0a0ecff99d8e8262e52b57ac02ae1
      04:31:47.735 # +monitor master shop 127.0.0.1 22025 quorum 1
      04:31:52.309 # +sdown master shop 127.0.0.1 22025
      04:31:52.310 # +odown master shop 127.0.0.1 22025 #quorum 1/1
      04:31:52.311 # +new-epoch 1
      04:31:52.311 # +try-failover master shop 127.0.0.1 22025
      04:31:52.383 # +vote-for-leader b2f8e43f01f0a0ecff99d8e8262e52b57ac02ae1 1
      04:31:52.400 # +elected-leader master shop 127.0.0.1 22025
      04:31:52.480 # +selected-slave slave 127.0.0.1:22026 127.0.0.1 22026 @ shop 127.0.0.1 22025
      04:31:53.400 # +promoted-slave slave 127.0.0.1:22026 127.0.0.1 22026 @ shop 127.0.0.1 22025
      04:31:53.509 # +switch-master shop 127.0.0.1 22025 127.0.0.1 22026`,
  },
};
