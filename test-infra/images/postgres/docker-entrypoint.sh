#!/usr/bin/env bash
# Initialises PGDATA where it is empty, then runs the command. Variables as with the image that is pulled elsewhere:
# POSTGRES_PASSWORD, POSTGRES_USER, POSTGRES_DB, POSTGRES_INITDB_ARGS, POSTGRES_HOST_AUTH_METHOD, each also as *_FILE.
set -Eeuo pipefail

die() { printf 'docker-entrypoint: %s\n' "$*" >&2; exit 1; }

# A variable's value, from NAME or from the file that NAME_FILE names.
value() {
  local name=$1 file=${1}_FILE
  if [ -n "${!file:-}" ]; then
    [ -z "${!name:-}" ] || die "both $name and $file are set"
    cat -- "${!file}"
  else
    printf '%s' "${!name:-${2:-}}"
  fi
}

initialise() {
  local user password database method
  user=$(value POSTGRES_USER postgres)
  password=$(value POSTGRES_PASSWORD)
  database=$(value POSTGRES_DB "$user")
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  [ -n "$password" ] || [ "$method" = trust ] || die 'POSTGRES_PASSWORD is not set; it is the password of the superuser'

  # shellcheck disable=SC2086 # the variable holds several arguments
  initdb --username="$user" ${password:+--pwfile=<(printf '%s\n' "$password")} --no-sync ${POSTGRES_INITDB_ARGS:-} -D "$PGDATA"
  printf '\nhost all all all %s\n' "$method" >> "$PGDATA/pg_hba.conf"
  if [ "$database" != postgres ]; then
    # In single-user mode: that takes a tenth of the time of a server that is started and stopped for one statement.
    printf 'CREATE DATABASE "%s"\n' "${database//\"/\"\"}" | postgres --single -D "$PGDATA" -F postgres > /dev/null
  fi
  run_scripts "$user" "$password" "$database"
}

# Runs /docker-entrypoint-initdb.d on a server that answers on the Unix socket alone.
run_scripts() {
  local user=$1 database=$3 files=(/docker-entrypoint-initdb.d/*) file
  [ -e "${files[0]}" ] || return 0
  export PGPASSWORD=$2
  pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432" -w start
  local psql=(psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$user" --dbname "$database")
  for file in "${files[@]}"; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) "${psql[@]}" -f "$file" ;;
      *.sql.gz) gunzip -c "$file" | "${psql[@]}" ;;
      *) printf 'docker-entrypoint: ignoring %s\n' "$file" ;;
    esac
  done
  pg_ctl -D "$PGDATA" -m fast -w stop
  unset PGPASSWORD
}

[ "${1:0:1}" != - ] || set -- postgres "$@"
if [ "${1:-}" = postgres ]; then
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" && chmod 700 "$PGDATA" && chown -R postgres "$PGDATA" /var/run/postgresql
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$BASH_SOURCE" "$@"
  fi
  mkdir -p "$PGDATA" && chmod 700 "$PGDATA" || :
  [ -s "$PGDATA/PG_VERSION" ] || initialise
fi
exec "$@"
