#!/bin/sh
# Forms a cluster of nodes that are up, by the cluster's own commands. May be run again: what is done is left as it is.
#
#   init.sh form    CLUSTER MEET, ADDSLOTSRANGE, REPLICATE; returns when every node agrees that the cluster works
#   init.sh check   exit code 0 if some node that answers says that the cluster works
#
# NODES: a line "name address port shard host" for each node; the first of a shard is its primary.
# VALKEY_PASSWORD: the password of the nodes, if they have one.
set -eu

SLOTS=16384
DEADLINE_S=${INIT_DEADLINE_S:-60}

main() {
  case "${1:-}" in
    form) form ;;
    check) check ;;
    *) echo "usage: init.sh form|check" >&2; exit 64 ;;
  esac
}

form() {
  refuse_shards_on_one_host
  for_each wait_for_answer
  if for_each_quietly agrees; then echo "init: the cluster is formed already"; return; fi
  for_each meet
  for_each knows_all_nodes_soon
  for_each give_slots
  for_each replicate
  for_each agrees_soon
  echo "init: formed, $shards shards, $count nodes"
}

check() {
  # shellcheck disable=SC2086 # a list of words
  set -- $NODES
  while [ $# -ge 5 ]; do
    case "$(ask "$2" "$3" cluster info)" in *cluster_state:ok*) return 0 ;; esac
    shift 5
  done
  echo "no node says cluster_state:ok" >&2
  return 1
}

# ── steps, each called as: step name address port shard host ──

wait_for_answer() { soon "$1 to answer" answers "$@"; }

meet() {
  [ "$1" = "$first_name" ] || expect OK "$first_address" "$first_port" cluster meet "$2" "$3"
}

knows_all_nodes_soon() { soon "$1 to know all nodes" knows_all_nodes "$@"; }

# Slots in even, consecutive ranges: shard n of N has [ (n-1)·16384/N , n·16384/N ), edges rounded.
give_slots() {
  is_primary "$1" "$4" || return 0
  from=$(((($4 - 1) * SLOTS * 2 + shards) / (shards * 2)))
  to=$((($4 * SLOTS * 2 + shards) / (shards * 2) - 1))
  case "$(ask "$2" "$3" cluster nodes | grep myself)" in
    *connected\ *[0-9]*) echo "init: $1 has slots already" ;;
    *) expect OK "$2" "$3" cluster addslotsrange "$from" "$to" ;;
  esac
}

replicate() {
  is_primary "$1" "$4" && return 0
  # shellcheck disable=SC2046 # three words
  set -- "$@" $(primary_of "$4")
  id=$(ask "$7" "$8" cluster myid)
  soon "$1 to know $6" knows "$1" "$2" "$3" "$id"
  expect OK "$2" "$3" cluster replicate "$id"
}

agrees_soon() { soon "$1 to agree that the cluster works" agrees "$@"; }

# ── conditions ──

answers() { seen=$(ask "$2" "$3" ping); [ "$seen" = PONG ]; }

knows_all_nodes() {
  seen=$(ask "$2" "$3" cluster nodes | grep -vc handshake || true)
  [ "$seen" = "$count" ]
}

knows() { seen=$(ask "$2" "$3" cluster nodes); case "$seen" in *"$4"*) return 0 ;; esac; return 1; }

# It works, all nodes are known, and (a replica) the link to the primary is up.
agrees() {
  seen=$(ask "$2" "$3" cluster info | tr -d '\r' | grep -E '^cluster_(state|known_nodes|size)' | tr '\n' ' ')
  case "$seen" in *"cluster_state:ok cluster_known_nodes:$count cluster_size:$shards "*) ;; *) return 1 ;; esac
  seen=$(ask "$2" "$3" info replication | tr -d '\r' | grep -E '^(role|master_link_status)' | tr '\n' ' ')
  if is_primary "$1" "$4"; then return 0; fi
  case "$seen" in *role:slave*link_status:up* | *role:master*) return 0 ;; esac
  return 1
}

# ── the means ──

# Calls $1 with each line of NODES.
for_each() {
  step=$1
  # shellcheck disable=SC2086 # a list of words
  set -- $NODES
  while [ $# -ge 5 ]; do
    "$step" "$1" "$2" "$3" "$4" "$5" || exit 1
    shift 5
  done
}

for_each_quietly() (for_each "$1" >/dev/null 2>&1)

is_primary() { [ "$(primary_of "$2" | cut -d ' ' -f 1)" = "$1" ]; }

# "name address port" of a shard's primary
primary_of() {
  printf '%s\n' "$NODES" | while read -r name address port shard _; do
    if [ "$shard" = "$1" ]; then echo "$name $address $port"; break; fi
  done
}

refuse_shards_on_one_host() {
  printf '%s\n' "$NODES" | awk '
    NF == 5 { members[$4]++; if (!(($4, $5) in seen)) { seen[$4, $5]; hosts[$4]++ } }
    END { for (shard in members) if (members[shard] > 1 && hosts[shard] == 1) { print "init: all of shard " shard " is on one host"; bad = 1 } exit bad }' >&2
}

ask() {
  address=$1 port=$2
  shift 2
  valkey-cli -h "$address" -p "$port" "$@" 2>&1 || true
}

# Wants that answer of a command, or ends with what was answered.
expect() {
  want=$1 address=$2 port=$3
  shift 3
  got=$(valkey-cli -h "$address" -p "$port" "$@" 2>&1) || true
  [ "$got" = "$want" ] || { echo "init: $address:$port $*: $got" >&2; exit 1; }
}

# soon "what is awaited" condition arguments…: until the condition holds, or the deadline has passed
soon() {
  what=$1 condition=$2
  shift 2
  until "$condition" "$@"; do
    [ "$(($(date +%s) - began))" -lt "$DEADLINE_S" ] || { echo "init: waited $DEADLINE_S s for $what; last seen: $seen" >&2; exit 1; }
    sleep 0.1
  done
}

# valkey-cli takes it from the environment, so that no list of processes shows it; an empty one it would send as well.
if [ -n "${VALKEY_PASSWORD:-}" ]; then export REDISCLI_AUTH="$VALKEY_PASSWORD"; fi
seen= began=$(date +%s)
count=$(printf '%s\n' "$NODES" | grep -c .)
shards=$(printf '%s\n' "$NODES" | awk 'NF == 5 { print $4 }' | sort -u | grep -c .)
read -r first_name first_address first_port _ <<FIRST
$NODES
FIRST
main "$@"
