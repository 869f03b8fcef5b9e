#!/bin/sh
# Gives a Debian machine without Docker a real engine, and takes it away again. Safe to run twice.
#
#   scripts/ci-docker.sh start    install, start dockerd, build the test images; prints what it did
#   scripts/ci-docker.sh stop     stop the dockerd that `start` started (never one that was there before)
#
# Needs root and Debian's package archive; nothing is asked of an image registry. State, log and downloads are in
# VALKEY_DRILL_CI_DIR (default /var/tmp/valkey-drill-docker).
set -eu

dir=${VALKEY_DRILL_CI_DIR:-/var/tmp/valkey-drill-docker}
image=valkey-drill/valkey:8.1
fabric_image=valkey-drill/node:20
here=$(cd "$(dirname "$0")" && pwd)
mirror=${VALKEY_DRILL_DEBIAN_MIRROR:-http://deb.debian.org/debian}

main() {
  case "${1:-}" in
    start) start ;;
    stop) stop ;;
    *) echo "usage: ci-docker.sh start|stop" >&2; exit 64 ;;
  esac
}

start() {
  [ "$(id -u)" = 0 ] || fail "needs root"
  mkdir -p "$dir"
  install_packages
  start_engine
  install_compose
  docker image inspect "$image" >/dev/null 2>&1 || "$here/build-test-image.sh" "$image"
  docker image inspect "$fabric_image" >/dev/null 2>&1 || "$here/build-test-image.sh" --fabric "$fabric_image"
  say "ready: engine $(docker version --format '{{.Server.Version}}'), Compose $(docker compose version --short), images $image, $fabric_image"
}

install_packages() {
  missing=
  command -v dockerd >/dev/null && command -v docker >/dev/null || missing="$missing docker.io"
  command -v debootstrap >/dev/null || missing="$missing debootstrap"
  command -v iptables >/dev/null || missing="$missing iptables"
  [ -n "$missing" ] || return 0
  say "installing$missing"
  # shellcheck disable=SC2086 # a list of words
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } \
    >"$dir/apt.log" 2>&1 || { tail -20 "$dir/apt.log" >&2; fail "cannot install$missing"; }
}

start_engine() {
  if answers; then say "an engine is running already"; return; fi
  command -v setsid >/dev/null || fail "setsid is missing: apt-get install util-linux"
  setsid dockerd --pidfile "$dir/dockerd.pid" >"$dir/dockerd.log" 2>&1 </dev/null &
  say "starting dockerd"
  tries=0
  until answers; do
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ] || { [ "$tries" -gt 4 ] && ! is_ours; }; then
      tail -20 "$dir/dockerd.log" >&2
      fail "dockerd did not start; its last lines stand above, all of them in $dir/dockerd.log"
    fi
    sleep 0.5
  done
}

# Compose v2 for Debian 12, which only has v1: the binary of Debian 13's package needs nothing but libc.
install_compose() {
  if docker compose version >/dev/null 2>&1; then return; fi
  arch=$(dpkg --print-architecture)
  apt="$dir/apt"
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/unpacked"
  : >"$apt/status"
  printf 'deb [arch=%s signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s trixie main\n' "$arch" "$mirror" >"$apt/sources.list"
  say "fetching Compose v2 from Debian trixie"
  {
    own_apt update && (cd "$apt" && own_apt download docker-compose) && dpkg -x "$apt"/docker-compose_*.deb "$apt/unpacked"
  } >"$dir/compose.log" 2>&1 || { tail -20 "$dir/compose.log" >&2; fail "cannot fetch Compose v2"; }
  binary=$(find "$apt/unpacked" -type f -name docker-compose -perm -u+x | head -n 1)
  [ -n "$binary" ] || fail "Debian's package docker-compose has no docker-compose in it"
  install -D -m 755 "$binary" /usr/local/lib/docker/cli-plugins/docker-compose
  docker compose version >/dev/null || fail "docker does not find the Compose plugin in /usr/local/lib/docker/cli-plugins"
}

own_apt() {
  apt-get -q -o Dir::State="$apt" -o Dir::State::Lists="$apt/lists" -o Dir::State::status="$apt/status" \
    -o Dir::Cache="$apt" -o Dir::Cache::Archives="$apt/archives" \
    -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=/dev/null "$@"
}

stop() {
  if ! is_ours; then say "no dockerd of ours is running"; return; fi
  # shellcheck disable=SC2046 # a list of ids
  running=$(docker ps -q)
  [ -z "$running" ] || docker kill $running >/dev/null
  pid=$(cat "$dir/dockerd.pid")
  kill "$pid"
  tries=0
  while kill -0 "$pid" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -le 60 ] || fail "dockerd (pid $pid) does not end"
    sleep 0.5
  done
  say "dockerd stopped"
}

answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# The pid file was written by the dockerd that we started; is that very program still there?
is_ours() {
  [ -s "$dir/dockerd.pid" ] && [ "$(cat "/proc/$(cat "$dir/dockerd.pid")/comm" 2>/dev/null)" = dockerd ]
}

say() { echo "ci-docker: $1"; }
fail() { echo "ci-docker: $1" >&2; exit 1; }

main "$@"
