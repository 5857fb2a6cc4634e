#!/usr/bin/env bash
# Debian 12 as its slim image has it: a minimal base with apt, without documentation.
set -euo pipefail
: "${IMAGE:?the reference to make}" "${ENGINE:?docker or podman}" "${WORK:?a directory of our own}"
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

echo "==> Debian packages from $mirror"
mmdebstrap --quiet --variant=minbase --include=ca-certificates,netbase,tzdata \
  --aptopt='Acquire::Retries "3";' ${DEBIAN_APT_PROXY:+--aptopt="Acquire::http::Proxy \"$DEBIAN_APT_PROXY\";"} \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --customize-hook='rm -rf "$1"/var/cache/* "$1"/var/log/*' \
  bookworm "$WORK/rootfs.tar" "deb $mirror bookworm main"

echo "==> image"
"$ENGINE" import --change 'CMD ["bash"]' "$WORK/rootfs.tar" "$IMAGE"
