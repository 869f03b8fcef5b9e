#!/usr/bin/env bash
# @nestjs/microservices 12.1.1, Redis transport, default options: one lost connection ends it, and says nothing.
#
# Guess: it sits on ioredis, which reconnects by itself, so calls fail for a moment and then go on.
# Seen: `retryAttempts` is 0 by default and replaces ioredis' own reconnection. After the server was away for a moment,
# each `send()` neither answers nor fails, until the application restarts. With `retryAttempts: 10, retryDelay: 100` the
# same holds once the server was away for longer than those ten attempts, which a failover is. With 1000 attempts all
# calls are answered again.
# Source: this script; near: https://github.com/nestjs/nest/issues/14559
# Needs Debian 12 and Node 20 or later. Usage: findings/nestjs-one-lost-connection.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}"
node_packages @nestjs/microservices@12.1.1 @nestjs/common@12.5.1 @nestjs/core@12.5.1 ioredis@5.11.1 rxjs@7.8.2 \
  reflect-metadata@0.2.2

cat >"$work/node/calls.mjs" <<'JS'
// Prints how many of 100 calls were answered, and how many failed, 5 s after the last; reads "go" once the server is back.
import "reflect-metadata";
import { once } from "node:events";
import { Logger } from "@nestjs/common";
import { ClientRedis, ServerRedis } from "@nestjs/microservices";
Logger.overrideLogger(false);
const options = { host: "127.0.0.1", port: 7611, ...JSON.parse(process.argv[2]) };
const server = new ServerRedis(options);
server.addHandler("add", async (n) => n + 1, false);
await new Promise((resolve) => server.listen(resolve));
const client = new ClientRedis(options);
await client.connect();
const seen = { answered: 0, failed: 0 };
const call = () => client.send("add", 1).subscribe({ next: () => seen.answered++, error: () => seen.failed++ });
call();
while (seen.answered === 0) await new Promise((resolve) => setTimeout(resolve, 20));
console.log("ready");
await once(process.stdin, "data");
seen.answered = 0;
for (let n = 0; n < 100; n += 1) {
  call();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await new Promise((resolve) => setTimeout(resolve, 5000)); // nothing is awaited: this is how long a caller would wait
console.log(`answered ${seen.answered}, failed ${seen.failed}`);
process.exit();
JS

after() { # options, seconds for which the server is away
  server 7611
  local first=$pid
  coproc app { node "$work/node/calls.mjs" "$1" 2>"$work/node.err"; }
  local in=${app[1]} out=${app[0]} line
  pids+=("$app_PID")
  read -r line <&"$out"
  kill -KILL "$first"
  wait "$first" 2>/dev/null || true
  sleep "$2"
  server 7611
  sleep 3 # longer than any delay between two attempts
  echo go >&"$in"
  read -r result <&"$out"
  wait "$app_PID" || true
  kill -KILL "$pid"
  wait "$pid" 2>/dev/null || true
}

echo "@nestjs/microservices 12.1.1, ioredis 5.11.1, redis-server 7.0.15, $(node --version)"
after '{}' 0.3
saw "default options, away for 0.3 s: of 100 calls" "answered 0, failed 0" "$result"
after '{"retryAttempts":10,"retryDelay":100}' 3
saw "retryAttempts 10, retryDelay 100, away for 3 s" "answered 0, failed 0" "$result"
after '{"retryAttempts":1000,"retryDelay":100}' 3
saw "retryAttempts 1000, away for 3 s" "answered 100, failed 0" "$result"
