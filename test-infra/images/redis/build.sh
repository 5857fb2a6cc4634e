#!/usr/bin/env bash
# Redis 7 of Debian 12, behind the interface of the image that is pulled elsewhere: user and group 999, /data, command
# `redis-server`. Packages are only unpacked; one layer without whiteouts, which a node's containerd can import.
set -euo pipefail
: "${IMAGE:?the reference to make}" "${ENGINE:?docker or podman}" "${WORK:?a directory of our own}"
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

echo "==> Debian packages from $mirror"
mmdebstrap --quiet --variant=extract --include=redis-server,base-files,dash,coreutils,util-linux,tzdata \
  --aptopt='Acquire::Retries "3";' ${DEBIAN_APT_PROXY:+--aptopt="Acquire::http::Proxy \"$DEBIAN_APT_PROXY\";"} \
  --extract-hook=./trim.sh \
  bookworm "$WORK/rootfs.tar" "deb $mirror bookworm main"

echo "==> image"
"$ENGINE" import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' --change 'VOLUME /data' \
  --change 'WORKDIR /data' --change 'EXPOSE 6379' \
  --change 'ENTRYPOINT ["docker-entrypoint.sh"]' --change 'CMD ["redis-server"]' \
  "$WORK/rootfs.tar" "$IMAGE"
