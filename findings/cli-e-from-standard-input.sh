#!/usr/bin/env bash
# valkey-cli 8.0.1 -e: commands from standard input that fail leave the exit code 0.
#
# Guess: `-e` ("return exit error code when command execution fails") holds for commands from standard input as well, so
# a script that loads a file into what is now a replica notices.
# Seen: as an argument a refused write ends with 1. The same write from standard input is refused too, and the exit code
# is 0, with one command and with several, the last of them refused or not. `--pipe` ends with 1. So a job that writes
# with `valkey-cli -e < commands` reports success after a failover, with nothing written.
# Source: this script. (9.1.2 does the same, seen by hand.)
# Needs Debian 12. Usage: findings/cli-e-from-standard-input.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

valkey
for port in 7621 7622; do
  mkdir -p "$work/$port"
  "$root/valkey-server" --port $port --bind 127.0.0.1 --dir "$work/$port" --save '' --repl-diskless-sync-delay 0 \
    >"$work/$port.log" 2>&1 &
  pids+=("$!")
  until_is PONG "$root/valkey-cli" -p $port ping
done
"$root/valkey-cli" -p 7622 replicaof 127.0.0.1 7621 >/dev/null
link() { "$root/valkey-cli" -p 7622 info replication | tr -d '\r' | sed -n 's/master_link_status://p'; }
until_is up link

printf 'SET a 1\n' >"$work/one"
printf 'SET a 1\nSET b 2\nPING\n' >"$work/several"
code() { # prints the exit code of a command
  local status=0
  "$@" >/dev/null 2>&1 || status=$?
  echo "$status"
}
from() { "$root/valkey-cli" -e -p 7622 <"$1"; }
pipe() { "$root/valkey-cli" -p 7622 --pipe <"$1"; }
answered() { "$root/valkey-cli" -p 7622 info errorstats | tr -d '\r' | sed -n 's/errorstat_READONLY:count=//p'; }

echo "valkey-cli and valkey-server 8.0.1 (Debian 8.0.1+dfsg1-1~bpo12+1), a replica"
saw "valkey-cli -e SET a 1: exit code" 1 "$(code "$root/valkey-cli" -e -p 7622 SET a 1)"
saw "valkey-cli -e, one refused write from standard input" 0 "$(code from "$work/one")"
saw "valkey-cli -e, two refused writes and a PING" 0 "$(code from "$work/several")"
saw "valkey-cli --pipe, one refused write" 1 "$(code pipe "$work/one")"
saw "writes that the replica refused" 5 "$(answered)"
