#!/usr/bin/env bash
# TypeORM 1.1.1, query cache with `ignoreErrors: true`: queries of the database wait for a cache that is away.
#
# Guess: `ignoreErrors` says that the cache is an extra: while it is away or frozen, queries go to the database at once.
# Seen: it ignores what the cache's client rejects, and waits until it does. With ioredis' defaults a query waits
# more than five seconds for a dead server, and for a frozen one for as long as that stands still, though the database
# is well. A refusal (READONLY) is ignored as expected. `commandTimeout: 500` for the client mends both.
# Source: this script.
# Needs Debian 12 and Node 20 or later. Usage: findings/typeorm-cache-ignore-errors.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}"
node_packages typeorm@1.1.1 sql.js@1.14.1 reflect-metadata@0.2.2 ioredis@5.9.3
cat >"$work/node/orm.mjs" <<'JS'
// At each line that it reads: a query, and whether it was answered within 5 s.
import "reflect-metadata";
import { DataSource, EntitySchema } from "typeorm";
const item = new EntitySchema({ name: "item", columns: { id: { type: Number, primary: true } } });
const options = { host: "127.0.0.1", port: 7628, ...JSON.parse(process.argv[2]) };
const cache = { type: "ioredis", options, ignoreErrors: true };
const database = new DataSource({ type: "sqljs", entities: [item], synchronize: true, cache });
await database.initialize();
const items = database.getRepository(item);
await items.save({ id: 1 });
console.log("ready");
for await (const _ of process.stdin) {
  const query = items.find({ cache: true }).then((rows) => `${rows.length} row`, (error) => error.message);
  const late = new Promise((resolve) => { setTimeout(resolve, 5000, "no answer in 5 s"); });
  console.log(await Promise.race([query, late]));
}
JS
ask() { echo >&"${application[1]}" && IFS= read -r answer <&"${application[0]}"; }

echo "typeorm 1.1.1, sql.js 1.14.1, ioredis 5.9.3, redis-server 7.0.15, $(node --version)"
for options in '{}' '{"commandTimeout":500}'; do
  server 7628
  coproc application { node "$work/node/orm.mjs" "$options" 2>>"$work/orm.err"; }
  pids+=("$application_PID")
  IFS= read -r answer <&"${application[0]}"
  wanted="no answer in 5 s"
  [ "$options" = '{}' ] || wanted="1 row"
  ask
  saw "$options, a cache that is well" "1 row" "$answer"
  cli 7628 replicaof 127.0.0.1 1 >/dev/null
  ask
  saw "$options, a cache that is a replica" "1 row" "$answer"
  cli 7628 replicaof no one >/dev/null
  kill -STOP "$pid"
  ask
  saw "$options, a frozen cache" "$wanted" "$answer"
  kill -KILL "$pid" # gone for good: its client waits for the retries
  wait "$pid" 2>/dev/null || true
  ask
  saw "$options, a cache that is dead" "$wanted" "$answer"
  kill -KILL "$application_PID"
  wait "$application_PID" 2>/dev/null || true
done
