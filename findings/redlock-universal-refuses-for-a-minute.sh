#!/usr/bin/env bash
# redlock-universal 0.8.5: an outage of three seconds is one of a minute for whoever wants a lock.
#
# Guess: a lock that could not be had while the server was away can be had as soon as the server is back.
# Seen: `createLock` has a circuit breaker by default. Five failures in a row, with the default of three retries two
# calls of `acquire()`, open it, and it refuses for 60 s without asking the server: the server is well, its client is
# connected, and a lock of the same library made anew is granted at once. With `circuitBreaker: { resetTimeout: 1000 }`
# or `circuitBreaker: false` the lock is granted again. Two failures of `acquire()` are what a failover of three seconds
# costs a client that fails fast (here: maxRetriesPerRequest 0).
# Source: this script; its README names the 60 s, and the thing that waits for it is a lock.
# Needs Debian 12 and Node 20 or later. Usage: findings/redlock-universal-refuses-for-a-minute.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}"
node_packages redlock-universal@0.8.5 ioredis@6.0.0
cat >"$work/node/lock.mjs" <<'JS'
// Reads "try": takes the lock and gives it back; "new": the same with a lock made anew; says how that went.
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import { createLock, IoredisAdapter } from "redlock-universal";
const client = new Redis({ host: "127.0.0.1", port: 7631, maxRetriesPerRequest: 0, retryStrategy: () => 100 });
client.on("error", () => {});
const adapter = new IoredisAdapter(client);
const make = () => createLock({ adapter, key: "report", ttl: 2000, ...JSON.parse(process.argv[2]) });
const kept = make();
console.log("ready");
for await (const line of createInterface(process.stdin)) {
  const lock = line === "new" ? make() : kept;
  const answer = await lock.acquire().then(
    (handle) => lock.release(handle).then(() => "granted"),
    (error) => (/circuit breaker is open/i.test(String(error.cause?.message ?? error)) ? "breaker open" : "failed"),
  );
  console.log(line === "ping" ? await client.ping() : answer);
}
JS
ask() { echo "$1" >&"${application[1]}" && IFS= read -r answer <&"${application[0]}"; }
answer_to() { ask "$1" && echo "$answer"; }

echo "redlock-universal 0.8.5, ioredis 6.0.0, redis-server 7.0.15, $(node --version)"
for options in '{}' '{"circuitBreaker":{"resetTimeout":1000}}' '{"circuitBreaker":false}'; do
  server 7631
  coproc application { node "$work/node/lock.mjs" "$options" 2>>"$work/lock.err"; }
  pids+=("$application_PID")
  IFS= read -r answer <&"${application[0]}"
  ask try
  saw "$options, before" granted "$answer"
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
  for _ in 1 2; do
    ask try
    saw "$options, the server is away" failed "$answer"
  done
  server 7631
  until_is granted answer_to new # the client is connected again
  sleep 2
  ask try
  wanted=granted
  [ "$options" = '{}' ] && wanted="breaker open"
  saw "$options, the server has been back for 2 s" "$wanted" "$answer"
  if [ "$options" = '{}' ]; then
    sleep 50
    ask try
    saw "$options, and for 52 s" "breaker open" "$answer"
    ask new
    saw "$options, a lock made anew" granted "$answer"
    sleep 12
    ask try
    saw "$options, after 64 s" granted "$answer"
  fi
  kill -KILL "$application_PID" "$pid"
  wait "$application_PID" "$pid" 2>/dev/null || true
done
