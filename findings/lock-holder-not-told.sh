#!/usr/bin/env bash
# redlock 5.0.0-beta.2, redis-semaphore 5.8.0: while the server is frozen, nobody tells the holder that a lock ran out.
#
# Guess: both know the lock's duration and extend it in time. If no extension has come through by then, the lock is
# over: `signal.aborted` of redlock's using() is true, redis-semaphore's `isAcquired` is false, onLockLost was called.
# Seen: both wait for the answer to the extension. While the primary stands still, and after a replica was promoted and
# another process holds the lock there, the first is told that it holds it too: for as long as its client waits, with
# ioredis' defaults until it wakes up. `commandTimeout` mends redlock's. redis-semaphore does not take the rejected
# extension for a lost lock: it is an unhandled rejection, which by default ends the process (here it is caught).
# Source: this script; near: https://github.com/mike-marcacci/node-redlock/issues/253
# Needs Debian 12 and Node 20 or later. Usage: findings/lock-holder-not-told.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}"
node_packages redlock@5.0.0-beta.2 redis-semaphore@5.8.0 ioredis@5.9.3
cat >"$work/node/holder.mjs" <<'JS'
// Holds two locks of 2 s each; at each line that it reads it prints what the libraries say of them.
import { Redis } from "ioredis";
import Redlock from "redlock";
import { Mutex } from "redis-semaphore";
const client = new Redis({ host: "127.0.0.1", port: Number(process.argv[2]), ...JSON.parse(process.argv[3]) });
client.on("error", () => {});
let rejected = 0;
process.on("unhandledRejection", () => { rejected += 1; });
let lost = 0;
const mutex = new Mutex(client, "mutex", { lockTimeout: 2000, onLockLost: () => { lost += 1; } });
const redlock = new Redlock([client]);
redlock.on("error", () => {});
await mutex.acquire();
await redlock.using(["redlock"], 2000, async (signal) => {
  console.log("held");
  for await (const _ of process.stdin)
    console.log(`redlock ${signal.aborted ? "lost" : "held"}, redis-semaphore ${mutex.isAcquired ? "held" : "lost"}` +
      `, onLockLost ${lost}, unhandled rejections ${rejected > 0 ? "yes" : "no"}`);
});
JS
holder() { # options: until it holds both
  coproc holder { node "$work/node/holder.mjs" 7625 "$1" 2>>"$work/holder.err"; }
  pids+=("$holder_PID")
  IFS= read -r answer <&"${holder[0]}"
}
ask() { echo >&"${holder[1]}"; IFS= read -r answer <&"${holder[0]}"; }
keys() { cli 7626 dbsize; }
until_lost() { # redlock asks again for a while before it gives up: 30 s at most
  local n
  for ((n = 0; n < 300; n++)); do
    ask
    [[ $answer = "redlock lost"* ]] && return 0
    sleep 0.1
  done
}

echo "redlock 5.0.0-beta.2, redis-semaphore 5.8.0, ioredis 5.9.3, redis-server 7.0.15, $(node --version)"
for options in '{}' '{"commandTimeout":500}'; do
  server 7625
  primary=$pid
  server 7626 --replicaof 127.0.0.1 7625
  replica=$pid
  until_is 0 keys
  holder "$options"
  until_is 2 keys
  kill -STOP "$primary"
  cli 7626 replicaof no one >/dev/null # as Sentinel does
  until_is 0 keys                      # both locks have run out
  until_is OK cli 7626 set mutex:mutex another px 60000 nx
  until_is OK cli 7626 set redlock another px 60000 nx
  if [ "$options" = '{}' ]; then
    ask
    saw "$options: the first holder is told, when others hold both locks" \
      "redlock held, redis-semaphore held, onLockLost 0, unhandled rejections no" "$answer"
  else
    until_lost
    saw "$options: the same" "redlock lost, redis-semaphore held, onLockLost 0, unhandled rejections yes" "$answer"
  fi
  kill -KILL "$holder_PID" "$primary" "$replica"
  wait "$holder_PID" "$primary" "$replica" 2>/dev/null || true
done
