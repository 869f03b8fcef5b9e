#!/usr/bin/env bash
# redlock-universal 0.8.5, `using()`: a lock of a second is extended thousands of times a second.
#
# Guess: a lock is extended once in most of its duration; who wants a short lock, so that another process may take over
# soon after a failover, pays with one command a second.
# Seen: it extends when a fifth of the time is left. Where that is within a second, as for each `ttl` of up to 1,250 ms,
# it extends at once, and then again at once, as fast as the server answers, for as long as the lock is held. With a ttl
# of 1,300 ms it is one a second.
# Source: this script.
# Needs Debian 12 and Node 20 or later. Usage: findings/redlock-universal-short-lock.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

packages "${SERVERS[@]}"
node_packages redlock-universal@0.8.5 ioredis@6.0.0
cat >"$work/node/hold.mjs" <<'JS'
// Holds one lock for three seconds.
import { Redis } from "ioredis";
import { createLock, IoredisAdapter } from "redlock-universal";
const client = new Redis({ host: "127.0.0.1", port: 7634 });
const lock = createLock({ adapter: new IoredisAdapter(client), key: "k", ttl: Number(process.argv[2]) });
await lock.using(() => new Promise((resolve) => { setTimeout(resolve, 3000); }));
process.exit();
JS
extensions() { # ttl: how many scripts ran while it was held for three seconds
  cli 7634 config resetstat >/dev/null
  node "$work/node/hold.mjs" "$1" 2>>"$work/hold.err"
  local calls
  calls=$(cli 7634 info commandstats | sed -n 's/^cmdstat_evalsha:calls=\([0-9]*\),.*/\1/p')
  if [ "${calls:-0}" -gt 300 ]; then echo "more than 100 a second"; else echo "at most 2 a second"; fi
  echo "  $calls scripts in 3 s" >&2
}

echo "redlock-universal 0.8.5, ioredis 6.0.0, redis-server 7.0.15, $(node --version)"
server 7634
saw "ttl 1000" "more than 100 a second" "$(extensions 1000)"
saw "ttl 1250" "more than 100 a second" "$(extensions 1250)"
saw "ttl 1300" "at most 2 a second" "$(extensions 1300)"
saw "ttl 5000" "at most 2 a second" "$(extensions 5000)"
