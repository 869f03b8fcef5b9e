import { describe, expect, it } from "vitest";
import { sourceLine } from "./source-line.ts";

const AT = Date.UTC(2026, 10, 29, 4, 35, 29, 480);
const NOW = Date.UTC(2026, 11, 1);
const INNER = "1:X 29 Nov 2026 04:35:29.480 # +sdown master drill 10.0.0.1 6379";
const TEXT = "+sdown master drill 10.0.0.1 6379";

describe("a line with what a collector put before it", () => {
  it.each([
    ["alone", INNER, ""],
    ["with Windows' line ends", `${INNER}\r`, ""],
    [
      "logfmt",
      `pid=1 role=sentinel timestamp="29 Nov 2026 04:35:29.480" level=warning message="${TEXT}"`,
      "",
    ],
    ["docker logs -t", `2026-11-29T04:35:29.481123456Z ${INNER}`, ""],
    ["docker compose logs", `sentinel-1  | ${INNER}`, "sentinel-1"],
    ["docker compose logs -t", `sentinel-1  | 2026-11-29T04:35:29.481123456Z ${INNER}`, "sentinel-1"],
    [
      "docker compose logs with colours",
      `\u001b[36msentinel-1  | \u001b[0m\u001b[1m${INNER}\u001b[0m`,
      "sentinel-1",
    ],
    ["kubectl logs --timestamps", `2026-11-29T04:35:29.481123456Z ${INNER}`, ""],
    ["kubectl logs --prefix", `[pod/sentinel-0/redis] ${INNER}`, "pod/sentinel-0/redis"],
    ["a container runtime's file", `2026-11-29T04:35:29.481123456Z stdout F ${INNER}`, ""],
    ["stern", `sentinel-0 redis ${INNER}`, "sentinel-0 redis"],
    ["journalctl -o short", `Nov 29 04:35:29 host-a redis-sentinel[812]: ${INNER}`, "host-a redis-sentinel"],
    ["journalctl -o short-iso", `2026-11-29T04:35:29+0000 host-a valkey[812]: ${INNER}`, "host-a valkey"],
    ["syslog of RFC 5424", `<13>1 2026-11-29T04:35:29.480Z host-a redis 812 - - ${INNER}`, "host-a redis"],
    ["journalctl -o json", JSON.stringify({ MESSAGE: INNER, _HOSTNAME: "host-a", _PID: "812" }), "host-a"],
    ["journalctl -o json with bytes", JSON.stringify({ MESSAGE: [...Buffer.from(INNER)] }), ""],
    ["Docker's own files", JSON.stringify({ log: `${INNER}\n`, stream: "stdout" }), ""],
  ])("%s", (_, raw, label) => {
    expect(sourceLine(raw, NOW)).toMatchObject({ at: AT, role: "X", level: "#", text: TEXT, pid: 1, label });
  });

  it("tells the time of who collected it, which has a zone", () => {
    const line = sourceLine(`2026-11-29T02:35:29.481123456Z ${INNER}`, NOW);
    expect(line).toMatchObject({ at: AT, zoned: false, collectedAt: AT - 7_200_000 + 1 });
  });

  it("is syslog's own where the server leaves time and process to it", () => {
    const line = sourceLine(`Nov 29 04:35:29 host-a redis[812]: ${TEXT}`, NOW);
    const at = Date.UTC(2026, 10, 29, 4, 35, 29);
    expect(line).toMatchObject({ at, zoned: false, precisionMs: 1000, pid: 812, role: "?", text: TEXT });
  });

  it("is of the year before if it would be from the future", () => {
    const line = sourceLine(`Dec 31 23:59:59 host-a redis[812]: ${TEXT}`, Date.UTC(2027, 0, 1, 8));
    expect(line?.at).toBe(Date.UTC(2026, 11, 31, 23, 59, 59));
  });

  it("is what a process writes when it is told to end", () => {
    const line = sourceLine("812:signal-handler (1795926896) Received SIGTERM scheduling shutdown...", NOW);
    expect(line).toMatchObject({ at: 1_795_926_896_000, zoned: true, pid: 812 });
  });

  it.each([
    ["another program", "2026-11-29 04:35:29 INFO server started"],
    ["a line that another program quotes", `2026-11-29 app[3]: error: "${INNER}"`],
    ["a line of syslog of another program", `Nov 29 04:35:29 host-a sshd[812]: ${TEXT}`],
    ["a time that is none", "1:X 99 Nov 2026 44:35:29.480 # +sdown"],
    ["broken JSON", '{"MESSAGE":"1:X 29 Nov'],
    ["nothing", ""],
  ])("is none: %s", (_, raw) => {
    expect(sourceLine(raw, NOW)).toBeUndefined();
  });
});
