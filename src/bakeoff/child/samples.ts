import { monitorEventLoopDelay } from "node:perf_hooks";
import { onStall } from "../../base/stall-meter.ts";
import { onRunClock } from "../../history/stall-record.ts";
import type { SendMessage } from "./message-writer.ts";

const SAMPLE_EVERY_MS = 250;
const RESOLUTION_MS = 10;

/** Tells memory, processor time and stalls of this process from now on. */
export function startSamples(send: SendMessage, clockOrigin: bigint): void {
  onStall((stall) => {
    const now = Number(process.hrtime.bigint() - clockOrigin);
    send({ say: "stall", stall: onRunClock(stall, now, performance.now()) });
  });
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const sample = () => {
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const blockedMs = Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
    delay.reset();
    send({
      say: "sample",
      rssBytes: rss,
      heapBytes: heapUsed,
      cpuUs: user + system,
      blockedMs: Number.isFinite(blockedMs) ? blockedMs : 0,
    });
  };
  setInterval(sample, SAMPLE_EVERY_MS);
}
