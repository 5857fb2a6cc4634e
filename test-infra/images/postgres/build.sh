#!/usr/bin/env bash
# PostgreSQL 15 of Debian 12, behind the interface of the image that is pulled elsewhere: user and group 999, PGDATA,
# POSTGRES_* variables, /docker-entrypoint-initdb.d, command `postgres`.
#
# Packages are only unpacked: no package script runs, so nothing is installed that only such scripts need. The result is
# one layer without whiteouts, which a node's containerd can import.
set -euo pipefail
: "${IMAGE:?the reference to make}" "${ENGINE:?docker or podman}" "${WORK:?a directory of our own}"
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

echo "==> Debian packages from $mirror"
mmdebstrap --quiet --variant=extract \
  --include=postgresql-15,base-files,bash,dash,coreutils,findutils,grep,sed,gzip,tzdata,util-linux,locales,libc-bin \
  --aptopt='Acquire::Retries "3";' ${DEBIAN_APT_PROXY:+--aptopt="Acquire::http::Proxy \"$DEBIAN_APT_PROXY\";"} \
  --extract-hook=./trim.sh \
  bookworm "$WORK/rootfs.tar" "deb $mirror bookworm main"

echo "==> image"
"$ENGINE" import \
  --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/15/bin' \
  --change 'ENV LANG=en_US.utf8' --change 'ENV PG_MAJOR=15' --change 'ENV PGDATA=/var/lib/postgresql/data' \
  --change 'VOLUME /var/lib/postgresql/data' --change 'STOPSIGNAL SIGINT' --change 'EXPOSE 5432' \
  --change 'ENTRYPOINT ["docker-entrypoint.sh"]' --change 'CMD ["postgres"]' \
  "$WORK/rootfs.tar" "$IMAGE"
