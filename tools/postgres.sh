#!/usr/bin/env bash
# A throw-away PostgreSQL cluster for tests.
#
#   tools/postgres.sh run -- COMMAND…   start one, run COMMAND with HABILIS_TEST_POSTGRES=URL, stop, delete
#   tools/postgres.sh start DIR         start one in DIR, print its URL, write it to DIR/url
#   tools/postgres.sh stop DIR          stop it and delete DIR
#
# Commits are durable (fsync on), as in production: the tests kill servers and count what was acknowledged.
# The default collation is French by ICU, on purpose: text sorted without the `sorttext` domain
# (architecture.md, "Two engines") then comes out in another order than on SQLite, and a test sees it.
# `run` uses the cluster named by HABILIS_TEST_POSTGRES when that is already set; its user must be a superuser.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

readonly max_connections=200
readonly first_port=20000 last_port=29999 # below the range the kernel hands out by itself
readonly tries=8

# as_postgres COMMAND…: PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
  local port
  while :; do
    port=$((first_port + (RANDOM * 32768 + RANDOM) % (last_port - first_port + 1)))
    listening "$port" || { printf '%s\n' "$port"; return; }
  done
}

prepare() { # DIR
  mkdir -p "$1"
  [ -z "$(ls -A "$1")" ] || die "$1 is not empty: choose a new folder for the cluster."
  [ "$(id -u)" -ne 0 ] || chown postgres "$1"
  chmod 0700 "$1"
  as_postgres "$bin/initdb" --pgdata="$1/data" --username=habilis --auth=trust --encoding=UTF8 \
    --locale=C.UTF-8 --locale-provider=icu --icu-locale=fr-FR >"$1/initdb.log" 2>&1 ||
    { cat "$1/initdb.log" >&2; die "initdb failed."; }
}

configure() { # DIR PORT
  cat >"$1/data/postgresql.auto.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $2
unix_socket_directories = '$1'
max_connections = $max_connections
shared_buffers = '128MB'
max_pred_locks_per_transaction = 1024
fsync = on
synchronous_commit = on
timezone = 'UTC'
lc_messages = 'C'
CONF
}

launch() { # DIR; another program may take the port between the look and the start: try again
  local try port
  for ((try = 1; try <= tries; try++)); do
    port=$(free_port)
    configure "$1" "$port"
    if as_postgres "$bin/pg_ctl" --pgdata="$1/data" --log="$1/server.log" --wait --timeout=60 start >/dev/null 2>&1; then
      printf 'postgres://habilis@127.0.0.1:%s/habilis_test?sslmode=disable\n' "$port" >"$1/url"
      return
    fi
  done
  cat "$1/server.log" >&2
  die "PostgreSQL does not start in $1 (its log is above)."
}

start() { # DIR
  bin=$(postgres_bin) || die "no PostgreSQL server (15 or newer) found; on Debian: apt-get install postgresql"
  cd / # the postgres user may not be allowed into the folder we were called from
  prepare "$1"
  launch "$1"
  as_postgres "$bin/createdb" --host="$1" --port="$(sed -E 's|.*:([0-9]+)/.*|\1|' "$1/url")" --username=habilis habilis_test
  chmod 0755 "$1" # so that others may read DIR/url; the data folder stays closed
}

stop() { # DIR
  bin=$(postgres_bin) || die "no PostgreSQL server (15 or newer) found."
  [ -f "$1/data/PG_VERSION" ] || die "$1 holds no cluster made by this script."
  cd /
  as_postgres "$bin/pg_ctl" --pgdata="$1/data" --wait --mode=immediate stop >/dev/null 2>&1 || true
  rm -rf "$1"
}

run() { # COMMAND…
  if [ -n "${HABILIS_TEST_POSTGRES:-}" ]; then "$@"; return; fi
  local dir status=0
  dir=$(mktemp -d /tmp/habilis-pg.XXXXXX) # short: a socket's path holds 107 bytes at most
  # shellcheck disable=SC2064 # $here and $dir are wanted as they are now
  trap "'$here/postgres.sh' stop '$dir' || true" EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  (start "$dir")
  HABILIS_TEST_POSTGRES=$(cat "$dir/url") "$@" || status=$?
  exit "$status"
}

case "${1:-}" in
run)
  shift
  [ "${1:-}" = -- ] && shift
  [ $# -gt 0 ] || die "usage: tools/postgres.sh run -- COMMAND…"
  run "$@"
  ;;
start | stop)
  [ $# -eq 2 ] || die "usage: tools/postgres.sh $1 DIR"
  dir=$(realpath -m "$2")
  "$1" "$dir"
  [ "$1" = stop ] || cat "$dir/url"
  ;;
*) die "usage: tools/postgres.sh run -- COMMAND… | start DIR | stop DIR" ;;
esac
