#!/usr/bin/env bash
# rate-limiter-flexible 11.4.0, `insuranceLimiter`: with ioredis' defaults no outage of the server brings it into play.
#
# Guess: the insurance limiter decides as soon as the server cannot: requests go on while it is dead or frozen.
# Seen: it decides when the client rejects. A client of ioredis with default options queues while the server is dead, and
# waits for a frozen one: no request is decided in 5 s, neither by the server nor by the insurance.
# `enableOfflineQueue: false` mends the dead server and not the frozen one; `commandTimeout: 200` mends both.
# Source: this script; near: https://github.com/animir/node-rate-limiter-flexible/pull/315
# Needs Debian 12 and Node 20 or later. Usage: findings/rate-limiter-insurance-frozen.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}"
node_packages rate-limiter-flexible@11.4.0 ioredis@6.0.0
cat >"$work/node/limit.mjs" <<'JS'
// At each line that it reads: who decides on a request, within 5 s?
import { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
const client = new Redis({ host: "127.0.0.1", port: 7635, ...JSON.parse(process.argv[2]) });
client.on("error", () => {});
let insured = 0;
const insuranceLimiter = new RateLimiterMemory({ points: 1000, duration: 60 });
const decide = insuranceLimiter.consume.bind(insuranceLimiter);
insuranceLimiter.consume = (...given) => { insured += 1; return decide(...given); };
const limiter = new RateLimiterRedis({ storeClient: client, points: 1000, duration: 60, insuranceLimiter });
await client.ping().catch(() => new Promise((resolve) => { client.once("ready", resolve); }));
console.log("ready");
for await (const _ of process.stdin) {
  insured = 0;
  const late = new Promise((resolve) => { setTimeout(resolve, 5000, "nobody in 5 s"); });
  const decided = limiter.consume("ann").then(() => (insured > 0 ? "the insurance" : "the server"));
  console.log(await Promise.race([decided, late]));
}
JS
ask() { echo >&"${application[1]}" && IFS= read -r answer <&"${application[0]}"; }

echo "rate-limiter-flexible 11.4.0, ioredis 6.0.0, redis-server 7.0.15, $(node --version)"
while IFS='|' read -r options frozen dead; do
  server 7635
  coproc application { node "$work/node/limit.mjs" "$options" 2>>"$work/limit.err"; }
  pids+=("$application_PID")
  IFS= read -r answer <&"${application[0]}"
  ask
  saw "$options, a server that is well: decided by" "the server" "$answer"
  kill -STOP "$pid"
  ask
  saw "$options, a frozen server: decided by" "$frozen" "$answer"
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  ask
  saw "$options, a dead server: decided by" "$dead" "$answer"
  kill -KILL "$application_PID"
  wait "$application_PID" 2>/dev/null || true
done <<'OPTIONS'
{}|nobody in 5 s|nobody in 5 s
{"enableOfflineQueue":false}|nobody in 5 s|the insurance
{"commandTimeout":200}|the insurance|the insurance
OPTIONS
