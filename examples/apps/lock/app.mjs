// One of the instances is the leader, by a lock of redlock-universal, and does the work that only one may do.
import { appendFile, readFile } from "node:fs/promises";
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

async function lead(signal) {
  while (!signal.aborted || STEPS_DOWN === "no") {
    await appendFile(LEDGER, `${process.pid} ${Date.now()}\n`);
    await after(50);
  }
}

const app = express();
app.get("/health", (_, response) => response.send("up"));

// Has anybody led within the last second?
app.get("/leader", async (_, response) => {
  const last = (await work()).at(-1);
  response.status(last && Date.now() - last.at < 1000 ? 200 : 503).json(last ?? "nobody has led yet");
});

// Did one leader's work go on after the next one had begun?
app.get("/two-leaders", async (_, response) => {
  const reigns = (await work()).map(({ by }) => by).filter((by, n, all) => by !== all[n - 1]);
  const twice = reigns.filter((by, n) => reigns.indexOf(by) !== n).length;
  response.status(twice > 0 ? 500 : 200).json({ reigns: reigns.length, interleaved: twice });
});

app.listen(Number(PORT), "127.0.0.1");

for (;;) {
  await lock.using(lead).catch(({ message, cause }) => console.error(message, cause?.message ?? ""));
  await after(100);
}

async function work() {
  const text = await readFile(LEDGER, "utf8").catch(() => "");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => ({ by: line.split(" ")[0], at: Number(line.split(" ")[1]) }));
}
