#!/usr/bin/env bash
# mqemitter-redis 7.2.1: a server that is away for a moment ends the process.
#
# Guess: its README says that the emitter never returns an error, and it sits on ioredis, which logs a refused
# connection and tries again. So messages are late, or lost, and then flow again.
# Seen: the error is emitted on an emitter of its own, `state`, to which nobody listens: the process ends with it.
# `emitter.on("error", …)` does not help, since `on` subscribes to a topic. With `emitter.state.on("error", …)`, which
# the README does not name, it goes on and messages arrive again. An MQTT broker (aedes) with this emitter ends so in a
# failover.
# Source: this script.
# Needs Debian 12 and Node 20 or later. Usage: findings/mqemitter-redis-error.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}"
node_packages mqemitter-redis@7.2.1

cat >"$work/node/emitter.mjs" <<'JS'
import mqemitter from "mqemitter-redis";
const how = process.argv[2];
const emitter = mqemitter({ host: "127.0.0.1", port: 7611 });
if (how === "on") emitter.on("error", () => {});
if (how === "state") emitter.state.on("error", () => {});
let received = 0;
emitter.on("topic", (message, done) => {
  received += 1;
  if (received === 1) console.log("ready");
  if (message.late) console.log("received after the server was back");
  if (message.late) process.exit(0);
  done();
});
setInterval(() => emitter.emit({ topic: "topic", late: received > 0 && process.uptime() > 6 }), 50);
setTimeout(() => process.exit(9), 60_000);
JS

restart() { # how: sets `result`
  server 7611
  local first=$pid app
  node "$work/node/emitter.mjs" "$1" >"$work/$1.out" 2>"$work/$1.err" &
  app=$!
  pids+=("$app")
  until_is ready head -n 1 "$work/$1.out"
  kill -KILL "$first"
  wait "$first" 2>/dev/null || true
  sleep 1
  server 7611
  local status=0
  wait "$app" || status=$?
  local told
  told=$(grep -o -m 1 'connect ECONNREFUSED' "$work/$1.err" || echo "no error")
  result="exit code $status, $(tail -n 1 "$work/$1.out"), $told"
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
}

echo "mqemitter-redis 7.2.1, redis-server 7.0.15, $(node --version)"
restart none
saw "no listener" "exit code 1, ready, connect ECONNREFUSED" "$result"
restart on
saw 'emitter.on("error")' "exit code 1, ready, connect ECONNREFUSED" "$result"
restart state
saw 'emitter.state.on("error")' "exit code 0, received after the server was back, no error" "$result"
