#!/usr/bin/env bash
# Gives the unpacked packages in $1 their users and directories, and takes away what a server in a container has no use
# for.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:?the directory with the packages}"

rm -rf usr/share/{doc,man,info,lintian,bash-completion,locale,perl,perl5,bug} usr/lib/*/{perl*,gconv} usr/bin/perl* \
  usr/lib/systemd lib/systemd etc/init.d etc/redis var/lib/apt var/cache var/lib/dpkg

printf '%s\n' 'root:x:0:0:root:/root:/bin/sh' 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' \
  'redis:x:999:999::/data:/bin/sh' > etc/passwd
printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' 'redis:x:999:' > etc/group
printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' > etc/nsswitch.conf
install -D "$here/docker-entrypoint.sh" usr/local/bin/docker-entrypoint.sh
[ -e bin/sh ] || ln -s dash bin/sh
ldconfig -r .

install -d -o 999 -g 999 data
mkdir -p tmp && chmod 1777 tmp
