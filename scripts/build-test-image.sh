#!/bin/sh
# Builds a container image out of Debian's own packages, for machines without an image registry.
#
#   scripts/build-test-image.sh [tag]            Valkey; default tag: valkey-drill/valkey:8.1
#   scripts/build-test-image.sh --fabric [tag]   Node.js, for faults of links; default tag: valkey-drill/node:20
#
# Needs root, debootstrap and a running Docker Engine; takes about half a minute. The images can then be used by
#   VALKEY_IMAGE=valkey-drill/valkey:8.1 docker compose -f docker-compose.ha.yml up -d --wait
#   valkey-drill run ha-isolated-primary --driver docker --valkey valkey-drill/valkey:8.1
set -eu

what=valkey
[ "${1:-}" != --fabric ] || { what=fabric; shift; }
suite=${DEBIAN_SUITE:-trixie}                              # trixie has Valkey 8.1 and Node.js 20
mirror=${VALKEY_DRILL_DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

main() {
  [ "$(id -u)" = 0 ] || fail "debootstrap needs root: run it with sudo"
  command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
  docker version --format '{{.Server.Version}}' >/dev/null || fail "no Docker Engine answers: start it first"
  root=$(mktemp -d)
  trap 'rm -rf --one-file-system "$root"' EXIT
  trap 'exit 130' INT TERM HUP
  case $what in
    valkey) valkey "${1:-valkey-drill/valkey:8.1}" ;;
    fabric) fabric "${1:-valkey-drill/node:20}" ;;
  esac
}

# As the official image has it: data in /data, owned by user 999.
valkey() {
  bootstrap valkey-server,valkey-sentinel,valkey-tools
  install -d -o 999 -g 999 "$root/data"
  import "$1" 'Valkey from Debian packages' \
    --change 'WORKDIR /data' --change 'VOLUME /data' --change 'USER 999:999' --change 'CMD ["valkey-server"]'
  echo "$1: $(docker run --rm --network none "$1" valkey-server --version)"
}

fabric() {
  bootstrap nodejs
  import "$1" 'Node.js from Debian packages' --change 'USER 65534:65534' --change 'CMD ["node"]'
  echo "$1: Node.js $(docker run --rm --network none "$1" node --version)"
}

# What only a full system needs is left out.
bootstrap() {
  debootstrap --variant=minbase --keyring="$keyring" --include="$1" "$suite" "$root" "$mirror" >"$root.log" 2>&1 ||
    { tail -20 "$root.log" >&2; rm -f "$root.log"; fail "debootstrap failed"; }
  rm -f "$root.log"
  rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*
}

import() {
  tag=$1 message=$2
  shift 2
  tar --numeric-owner -C "$root" -c . | docker import "$@" \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --message "$message" - "$tag" >/dev/null
}

fail() { echo "build-test-image: $1" >&2; exit 1; }

main "$@"
