#!/usr/bin/env bash
# Gives the unpacked packages in $1 their users and directories, and takes away what a server in a container has no use
# for: half of the bytes are Perl, documentation and the just-in-time compiler.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "${1:?the directory with the packages}"

rm -rf usr/share/{doc,man,info,lintian,bash-completion,locale,perl,perl5,postgresql-common} \
  usr/lib/*/perl* usr/share/bug usr/bin/perl* usr/bin/pg_* usr/bin/psql \
  usr/lib/*/libLLVM* usr/lib/llvm* usr/lib/postgresql/15/lib/{llvmjit*,bitcode} usr/lib/*/libz3* \
  usr/lib/systemd lib/systemd etc/init.d var/lib/apt var/cache var/lib/dpkg
# The package's clients in /usr/bin are Perl that picks a version; here there is one.
for program in usr/lib/postgresql/15/bin/*; do ln -sfn "/$program" "usr/bin/${program##*/}"; done

printf '%s\n' 'root:x:0:0:root:/root:/bin/bash' 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' \
  'postgres:x:999:999::/var/lib/postgresql:/bin/bash' > etc/passwd
printf '%s\n' 'root:x:0:' 'nogroup:x:65534:' 'postgres:x:999:' > etc/group
printf '%s\n' 'passwd: files' 'group: files' 'hosts: files dns' > etc/nsswitch.conf
install -D "$here/docker-entrypoint.sh" usr/local/bin/docker-entrypoint.sh
[ -e bin/sh ] || ln -s dash bin/sh

ldconfig -r .
mkdir -p usr/lib/locale
chroot . localedef -i en_US -f UTF-8 en_US.UTF-8
rm -rf usr/share/i18n usr/lib/*/gconv

# The server listens on every address, as a server in a container has to.
sed -i "s/^#listen_addresses = .*/listen_addresses = '*'/" usr/share/postgresql/15/postgresql.conf.sample
install -d -o 999 -g 999 -m 1777 var/lib/postgresql/data
install -d -o 999 -g 999 -m 3777 var/run/postgresql run/postgresql
chown 999:999 var/lib/postgresql
mkdir -p docker-entrypoint-initdb.d tmp && chmod 1777 tmp
