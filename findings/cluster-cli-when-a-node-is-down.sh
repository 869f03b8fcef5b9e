#!/usr/bin/env bash
# valkey-cli 8.0.1 --cluster while a node is down: `backup` and `info` say OK without a shard; all hang on a frozen
# replica.
#
# Guess: a backup that lacks a third of the slots ends with an error; a frozen replica, which all nodes hold to have
# failed, is passed over, or given up after a time-out (`-t 3`).
# Seen: with a shard of which nobody lives, `backup` prints "[OK] Backup created" and exits with 0; the files of two of
# three shards are there, and one line warns of "some problems". `info` says "[OK] … keys in 2 primaries", with 0 too.
# Only `check` exits with 1. With one frozen replica neither `check` nor `info` prints anything within 20 s, with `-t 3`
# as well: it connects, and waits for an answer without a limit. (8.1.1 and 9.1.2 do the same, seen by hand for 60 s.)
# Source: this script.
# Needs Debian 12. Usage: findings/cluster-cli-when-a-node-is-down.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/debian.sh"

valkey
declare -A node
for port in 7621 7622 7623 7624 7625 7626; do
  mkdir -p "$work/$port"
  "$root/valkey-server" --port $port --bind 127.0.0.1 --dir "$work/$port" --save '' --cluster-enabled yes \
    --cluster-node-timeout 1000 --repl-diskless-sync-delay 0 >"$work/$port.log" 2>&1 &
  node[$port]=$!
  pids+=("$!")
  until_is PONG "$root/valkey-cli" -p $port ping
done
manager() { "$root/valkey-cli" "$@" 2>&1 | sed 's/\x1b\[[0-9;]*m//g'; }
nodes() { "$root/valkey-cli" -p 7621 cluster nodes; }
line() { nodes | grep -c "$1" || true; }
manager --cluster create 127.0.0.1:762{1,2,3,4,5,6} --cluster-replicas 1 --cluster-yes >"$work/created"
until_is 3 line "slave.*connected"
until_is "cluster_state:ok" bash -c "'$root/valkey-cli' -p 7621 cluster info | tr -d '\r' | grep cluster_state"

echo "valkey-cli and valkey-server 8.0.1 (Debian 8.0.1+dfsg1-1~bpo12+1)"
first=$(nodes | awk '/myself/ { print $1 }')
replica=$(nodes | awk -v of="$first" '$4 == of { sub(/.*:/, "", $2); sub(/@.*/, "", $2); print $2 }')
kill -STOP "${node[$replica]}"
until_is 1 line ":$replica@.*fail"
for how in "--cluster check" "--cluster info" "-t 3 --cluster info"; do
  # shellcheck disable=SC2086
  said=$(timeout 20 "$root/valkey-cli" $how 127.0.0.1:7621 2>&1 | wc -c) && status=0 || status=$?
  saw "a frozen replica that is flagged fail, $how: bytes printed in 20 s, exit code of timeout" "0, 124" "$said, $status"
done
kill -CONT "${node[$replica]}"
until_is 0 line ":$replica@.*fail"

kill -KILL "${node[7622]}"
second=$(nodes | awk '/:7622@/ { print $1 }')
replica=$(nodes | awk -v of="$second" '$4 == of { sub(/.*:/, "", $2); sub(/@.*/, "", $2); print $2 }')
kill -KILL "${node[$replica]}"
wait "${node[7622]}" "${node[$replica]}" 2>/dev/null || true
until_is "cluster_state:fail" bash -c "'$root/valkey-cli' -p 7621 cluster info | tr -d '\r' | grep cluster_state"
mkdir "$work/backup"
manager --cluster backup 127.0.0.1:7621 "$work/backup" >"$work/backup.out" && status=0 || status=$?
saw "a shard is gone, --cluster backup: exit code" 0 "$status"
saw "its last line" "[OK] Backup created into: DIR" "$(tail -n 1 "$work/backup.out" | sed 's/into: .*/into: DIR/')"
saw "RDB files in it, of three shards" 2 "$(find "$work/backup" -name '*.rdb' | wc -l)"
manager --cluster info 127.0.0.1:7621 >"$work/info.out" && status=0 || status=$?
saw "--cluster info: exit code, and what it says" "0, keys in 2 primaries." \
  "$status, $(grep -o 'keys in [0-9] primaries.' "$work/info.out")"
manager --cluster check 127.0.0.1:7621 >"$work/check.out" && status=0 || status=$?
saw "--cluster check: exit code" 1 "$status"
