#!/bin/sh
# Runs the command as the user redis. An option or a configuration file alone is meant for the server.
set -eu
case ${1:-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "${1:-}" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    chown -R redis .
    exec setpriv --reuid=redis --regid=redis --clear-groups "$0" "$@"
  fi
  # A container is reached from outside of it, and without a password: what the network lets in is the cluster's affair.
  set -- "$@" --protected-mode no
fi
exec "$@"
