// One of the instances is the leader, by a lock of redlock-universal, and does the work that only one may do.
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as after } from "node:timers/promises";
import express from "express";
import { createLock, IoredisAdapter } from "redlock-universal";
import { connect } from "../connection.mjs";

const { PORT, REDIS_SENTINELS, REDIS_CLUSTER_NODES, STEPS_DOWN, BREAKER } = process.env;
/** The work: what the leader does goes into a file, which all instances share. */
const LEDGER = `${tmpdir()}/leader-of-${(REDIS_SENTINELS || REDIS_CLUSTER_NODES).split(",")[0].replace(":", "-")}.txt`;
const TTL_MS = 2000;

const lock = createLock({
  // It extends the lock when a fifth of its time is left: the answer must come before that is over.
  adapter: new IoredisAdapter(connect(), { timeout: TTL_MS / 10 }),
  key: "leader",
  ttl: TTL_MS,
  // By default five failures in a row make it refuse for a minute.
  ...(BREAKER !== "default" && { circuitBreaker: { resetTimeout: 1000 } }),
});

let reign = 0;
async function lead(signal) {
  reign += 1;
  const by = `${process.pid}-${reign}`;
  while (!signal.aborted || STEPS_DOWN === "no") {
    appendFileSync(LEDGER, `${by} ${Date.now()}\n`);
    await after(50);
  }
}

const app = express();
app.get("/health", (_, response) => response.send("up"));

// Has anybody led within the last second?
app.get("/leader", (_, response) => {
  const last = work().at(-1);
  response.status(last && Date.now() - last.at < 1000 ? 200 : 503).json(last ?? "nobody has led yet");
});

// Did somebody's work go on after the next leader's had begun?
app.get("/two-leaders", (_, response) => {
  const reigns = work()
    .map(({ by }) => by)
    .filter((by, n, all) => by !== all[n - 1]);
  const twice = reigns.filter((by, n) => reigns.indexOf(by) !== n).length;
  response.status(twice > 0 ? 500 : 200).json({ reigns: reigns.length, interleaved: twice });
});

process.once("SIGTERM", () => {
  rmSync(LEDGER, { force: true });
  process.exit();
});
app.listen(Number(PORT), "127.0.0.1");

for (;;) {
  await lock.using(lead).catch(({ message, cause }) => console.error(message, cause?.message ?? ""));
  await after(100);
}

function work() {
  const lines = existsSync(LEDGER) ? readFileSync(LEDGER, "utf8").trimEnd().split("\n") : [];
  return lines.map((line) => line.split(" ")).map(([by, at]) => ({ by, at: Number(at) }));
}
