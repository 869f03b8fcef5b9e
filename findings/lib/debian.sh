# Shared by the scripts of this folder: packages of Debian 12 in a temporary folder, two servers, an end without
# remains.
# shellcheck shell=bash
set -euo pipefail

work=$(mktemp -d)
root=$work/root
pids=()

finish() {
  local status=$?
  trap - EXIT
  local pid
  for pid in "${pids[@]}"; do kill -CONT "$pid" 2>/dev/null || true; kill -KILL "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# packages NAME=VERSION …: downloaded by apt, which checks their signatures, and unpacked; nothing is installed.
packages() {
  mkdir -p "$work/debs" "$root"
  (cd "$work/debs" && apt-get download -qq -o APT::Sandbox::User=root "$@" >/dev/null)
  local deb
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$root"; done
  export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu
}

# valkey: Valkey 8.0.1 from bookworm-backports, of the same mirror, in an apt state of its own; $root/valkey-server and
# -cli.
VALKEY=("valkey-tools=8.0.1+dfsg1-1~bpo12+1" "liblzf1=3.6-3" "libjemalloc2=5.3.0-1")
valkey() {
  local mirror lists=$work/apt
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' 'Identifier: Packages' | head -n 1)
  mkdir -p "$lists/lists/partial" "$lists/cache/archives/partial" "$work/debs" "$root"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$mirror" bookworm "$mirror" bookworm-backports >"$lists/sources.list"
  local -a own=(-qq -o "Dir::Etc::sourcelist=$lists/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$lists/lists" -o "Dir::Cache=$lists/cache" -o APT::Sandbox::User=root)
  apt-get "${own[@]}" update
  (cd "$work/debs" && apt-get "${own[@]}" download "${VALKEY[@]}" >/dev/null)
  local deb
  for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$root"; done
  export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu
  ln -s "$root/usr/bin/valkey-check-rdb" "$root/valkey-server"
  ln -s "$root/usr/bin/valkey-cli" "$root/valkey-cli"
}

# The servers of the other scripts: Debian 12's redis-server.
SERVERS=("redis-server=5:7.0.15-1~deb12u7" "redis-tools=5:7.0.15-1~deb12u7" "liblzf1=3.6-3" "libjemalloc2=5.3.0-1")

# server PORT [OPTION …]: a server without persistence; its log is PORT.log. Sets `pid`.
server() {
  local port=$1
  shift
  ln -sf "$root/usr/bin/redis-check-rdb" "$work/redis-server"
  mkdir -p "$work/$port"
  "$work/redis-server" --port "$port" --bind 127.0.0.1 --dir "$work/$port" --save '' \
    --repl-diskless-sync-delay 0 "$@" >"$work/$port.log" 2>&1 &
  pid=$!
  pids+=("$pid")
  until_is PONG cli "$port" ping
}

# sentinel PORT PRIMARY-PORT [LINE …]: one Sentinel of a group `drill`, quorum 1. Sets `pid`.
sentinel() {
  local port=$1 primary=$2
  shift 2
  ln -sf "$root/usr/bin/redis-check-rdb" "$work/redis-sentinel"
  printf '%s\n' "port $port" "bind 127.0.0.1" "sentinel monitor drill 127.0.0.1 $primary 1" \
    "sentinel down-after-milliseconds drill 1000" "sentinel failover-timeout drill 5000" "$@" >"$work/$port.conf"
  "$work/redis-sentinel" "$work/$port.conf" >"$work/$port.log" 2>&1 &
  pid=$!
  pids+=("$pid")
  until_is PONG cli "$port" ping
}

# cli PORT COMMAND …
cli() {
  local port=$1
  shift
  "$root/usr/bin/redis-cli" -p "$port" "$@"
}

# until_is WANTED COMMAND …: waits until the command prints just that, for 30 s at most.
until_is() {
  local wanted=$1 last="" n
  shift
  for ((n = 0; n < 300; n++)); do
    last=$("$@" 2>/dev/null || true)
    [ "$last" = "$wanted" ] && return 0
    sleep 0.1
  done
  echo "waited 30 s for '$wanted' from: $*; last: '$last'" >&2
  exit 1
}

# saw WHAT WANTED GOT: prints what was seen; ends with 1 where that is not what was seen before.
saw() {
  printf '%s: %s\n' "$1" "$3"
  [ "$2" = "$3" ] || { printf 'CHANGED: it was %s\n' "$2" >&2; exit 1; }
}

# node_packages NAME@VERSION …: installed by npm into $work/node, without running their scripts.
node_packages() {
  mkdir -p "$work/node"
  (cd "$work/node" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund --ignore-scripts "$@" >/dev/null)
}
