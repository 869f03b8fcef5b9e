#!/bin/sh
# Builds a container image with Valkey out of Debian's own packages, for machines without an image registry.
#
#   scripts/build-test-image.sh [tag]        default tag: valkey-drill/valkey:8.1
#
# Needs root, debootstrap and a running Docker Engine; takes about half a minute. The image can then be used by
#   VALKEY_IMAGE=valkey-drill/valkey:8.1 docker compose -f docker-compose.ha.yml up -d --wait
#   valkey-drill run --driver docker --valkey valkey-drill/valkey:8.1
set -eu

tag=${1:-valkey-drill/valkey:8.1}
suite=${DEBIAN_SUITE:-trixie}                              # trixie has Valkey 8.1
mirror=${VALKEY_DRILL_DEBIAN_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

fail() { echo "build-test-image: $1" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "debootstrap needs root: run it with sudo"
command -v debootstrap >/dev/null || fail "debootstrap is missing: apt-get install debootstrap"
docker version --format '{{.Server.Version}}' >/dev/null || fail "no Docker Engine answers: start it first"

root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT TERM HUP

debootstrap --variant=minbase --keyring="$keyring" \
  --include=valkey-server,valkey-sentinel,valkey-tools "$suite" "$root" "$mirror" >"$root.log" 2>&1 ||
  { tail -20 "$root.log" >&2; rm -f "$root.log"; fail "debootstrap failed"; }
rm -f "$root.log"

# As the official image has it: data in /data, owned by user 999. What only a full system needs is left out.
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*
install -d -o 999 -g 999 "$root/data"
tar --numeric-owner -C "$root" -c . | docker import \
  --change 'WORKDIR /data' --change 'VOLUME /data' --change 'USER 999:999' \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
  --change 'CMD ["valkey-server"]' --message 'Valkey from Debian packages' - "$tag" >/dev/null
echo "$tag: $(docker run --rm --network none "$tag" valkey-server --version)"
