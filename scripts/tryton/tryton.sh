#!/usr/bin/env bash
# A real Tryton for tests and benches, on this machine only.
#
#   tryton.sh up       install, seed and start whatever is not there yet; print the settings
#   tryton.sh fresh    put the untouched seeded database back and start
#   tryton.sh down     stop the server, and PostgreSQL when no other instance uses it
#   tryton.sh status   say what runs; exit 1 when the server does not answer
#   tryton.sh env      print the settings for a client, ready for eval
#
# Settings, all optional, from the environment:
#   ORDERSYNC_TRYTON_PORT      port of the server (18030); give each instance its own
#   ORDERSYNC_TRYTON_PGPORT    port of its private PostgreSQL (PORT + 2)
#   ORDERSYNC_TRYTON_BACKEND   postgresql (default) or sqlite
#   ORDERSYNC_TRYTON_DATABASE  database name (ordersync)
#   ORDERSYNC_TRYTON_CACHE     virtual environment and seeded dumps
#                              (${XDG_CACHE_HOME:-$HOME/.cache}/ordersync/tryton)
#   ORDERSYNC_TRYTON_STATE     logs, pid and configuration of the instance ($CACHE/run-BACKEND-PORT)
#   ORDERSYNC_TRYTON_QUEUE     defer (default): postponed work, such as rendering the invoice when
#                              it is posted, goes on Tryton's queue and nobody works it;
#                              inline: it is done before the call answers
#   ORDERSYNC_TRYTON_WORKERS   server processes, all on the one port (1; always 1 on SQLite)
#   ORDERSYNC_TRYTON_THREADS   request threads in each (8)
#   ORDERSYNC_TRYTON_SESSION_TIMEOUT  idle seconds after which posting wants a new login (86400)
#   ORDERSYNC_TRYTON_REQUEST_TIMEOUT  seconds after which a call is given up, HTTP 504 (60)
#   ORDERSYNC_TRYTON_PG_FSYNC  off (default) or on
#   ORDERSYNC_TRYTON_PGDATA    folder of the PostgreSQL cluster (below the folder for temporary files)
#   ORDERSYNC_TRYTON_PGBIN     folder with PostgreSQL's programs (searched for)
#   ORDERSYNC_TRYTON_PGUSER    when run as root: the user PostgreSQL runs as (postgres)
#   ORDERSYNC_TRYTON_PYTHON    python3 the virtual environment is made with
set -euo pipefail

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
CACHE=${ORDERSYNC_TRYTON_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/ordersync/tryton}
BACKEND=${ORDERSYNC_TRYTON_BACKEND:-postgresql}
PORT=${ORDERSYNC_TRYTON_PORT:-18030}
PGPORT=${ORDERSYNC_TRYTON_PGPORT:-$((PORT + 2))}
STATE=${ORDERSYNC_TRYTON_STATE:-$CACHE/run-$BACKEND-$PORT}
DB=${ORDERSYNC_TRYTON_DATABASE:-ordersync}
QUEUE=${ORDERSYNC_TRYTON_QUEUE:-defer}
WORKERS=${ORDERSYNC_TRYTON_WORKERS:-1}
THREADS=${ORDERSYNC_TRYTON_THREADS:-8}
SESSION_TIMEOUT=${ORDERSYNC_TRYTON_SESSION_TIMEOUT:-86400}
REQUEST_TIMEOUT=${ORDERSYNC_TRYTON_REQUEST_TIMEOUT:-60}
# Off: PostgreSQL does not wait for the disk. After a power cut the database may be broken,
# which costs nothing here: it is thrown away and made again from the dump. Turn it on to
# measure what an installation that must not lose anything would do.
PG_FSYNC=${ORDERSYNC_TRYTON_PG_FSYNC:-off}
PGDATA=${ORDERSYNC_TRYTON_PGDATA:-${TMPDIR:-/tmp}/ordersync-tryton-pg-$(id -u)-$PGPORT}
PGUSER=${ORDERSYNC_TRYTON_PGUSER:-postgres}
PYTHON=${ORDERSYNC_TRYTON_PYTHON:-python3}
unset PGHOST PGDATABASE PGPASSWORD PGSERVICE PGOPTIONS # ours are given on the command line

ROLE=ordersync
LOGIN="admin"
PASSWORD=ordersync-test
MODULES="account account_invoice account_payment account_payment_clearing account_product
  account_statement carrier company country currency party product sale sale_discount
  sale_payment sale_shipment_cost stock web_shop web_shop_shopify"

say() { echo "tryton: $*" >&2; }
die() { say "$@"; exit 1; }
port_taken() { (: </dev/tcp/127.0.0.1/"$1") 2>/dev/null; }
short_hash() { sha256sum | cut -c1-12; }

case $BACKEND in postgresql | sqlite) ;; *) die "no backend $BACKEND" ;; esac
case $QUEUE in defer | inline) ;; *) die "no queue mode $QUEUE" ;; esac
case $PG_FSYNC in on | off) ;; *) die "ORDERSYNC_TRYTON_PG_FSYNC is on or off" ;; esac

VENV=$CACHE/venv-$(short_hash <"$HERE/requirements.txt")
# A seeded database is used again as long as nothing it was made from has changed.
SEED_KEY=$(cat "$HERE/requirements.txt" "$HERE/seed.py" - <<<"$MODULES" | short_hash)
SEEDED=$CACHE/seeded-$SEED_KEY
TEMPLATE=seeded_$SEED_KEY

# ---------------------------------------------------------------- installation

install_tryton() {
  [ -f "$VENV/complete" ] && return
  say "installing Tryton into $VENV"
  rm -rf "$VENV"
  "$PYTHON" -m venv "$VENV"
  "$VENV/bin/pip" install --quiet --disable-pip-version-check -r "$HERE/requirements.txt"
  touch "$VENV/complete"
}

write_conf() { # write_conf FILE SQLITE_FOLDER
  {
    echo "[database]"
    if [ "$BACKEND" = sqlite ]; then
      printf 'uri = sqlite://\npath = %s\n' "$2"
    else
      echo "uri = postgresql://$ROLE@127.0.0.1:$PGPORT"
    fi
    printf '[web]\nroot =\n'
    printf '[request]\ntimeout = %s\n' "$REQUEST_TIMEOUT"
    # tests log in often and wrongly: no slowing down, no locking out
    printf '[session]\ntimeout = %s\nmax_attempt = 1000000\nmax_attempt_ip_network = 1000000\n' \
      "$SESSION_TIMEOUT"
    if [ "$QUEUE" = defer ]; then printf '[queue]\nworker = True\n'; fi
  } >"$1"
}

activate() { # activate DATABASE CONF MODULE...: their tables and records
  local db=$1 conf=$2
  shift 2
  TRYTONPASSFILE=$STATE/password "$VENV/bin/trytond-admin" -c "$conf" -d "$db" \
    -u "$@" --activate-dependencies --administrator --email admin@example.invalid >&2
}

fill() { # fill DATABASE CONF: tables and seed in an empty database
  say "building the seeded database, once"
  (umask 077 && echo "$PASSWORD" >"$STATE/password")
  if [ "$BACKEND" = postgresql ]; then
    # With statistics about its own tables PostgreSQL answers Tryton's questions about foreign
    # keys in milliseconds, without them in most of a second: analyze once there are some.
    activate "$1" "$2" party
    psql_ "$1" analyze
  fi
  # shellcheck disable=SC2086
  activate "$1" "$2" $MODULES
  "$VENV/bin/python" "$HERE/seed.py" "$1" "$2" >&2
  rm -f "$STATE/password"
}

# ---------------------------------------------------------------------- SQLite

sqlite_database() {
  [ -f "$STATE/db/$DB.sqlite" ] && return
  mkdir -p "$STATE/db"
  if [ ! -f "$SEEDED.sqlite" ]; then
    rm -rf "$STATE/build" && mkdir "$STATE/build" && : >"$STATE/build/$DB.sqlite"
    write_conf "$STATE/build.conf" "$STATE/build"
    fill "$DB" "$STATE/build.conf"
    mv "$STATE/build/$DB.sqlite" "$SEEDED.sqlite"
  fi
  cp "$SEEDED.sqlite" "$STATE/db/$DB.sqlite"
}

# ------------------------------------------------------------------ PostgreSQL

pg_find() {
  PGBIN=${ORDERSYNC_TRYTON_PGBIN:-}
  if [ -z "$PGBIN" ]; then
    local found
    found=$(command -v postgres || find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null |
      sort -V | tail -1)
    [ -n "$found" ] || die "no PostgreSQL server found; see scripts/setup-debian.sh"
    PGBIN=$(dirname "$(readlink -f "$found")")
  fi
}

pg_run() { # PostgreSQL refuses to run as root
  if [ "$(id -u)" = 0 ]; then
    (cd / && exec su "$PGUSER" -s /bin/sh -c "$1")
  else
    sh -c "$1"
  fi
}

psql_() { # psql_ DATABASE SQL
  "$PGBIN/psql" -X -qAt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$PGPORT" -U "$ROLE" -d "$1" -c "$2"
}

pg_is_ours() { [ "$(psql_ postgres 'show data_directory' 2>/dev/null)" = "$PGDATA/data" ]; }

pg_up() {
  pg_is_ours && return
  if port_taken "$PGPORT"; then
    die "port $PGPORT is used by something else; set ORDERSYNC_TRYTON_PGPORT"
  fi
  if [ "$(id -u)" = 0 ] && ! id "$PGUSER" >/dev/null 2>&1; then
    useradd --system --shell /usr/sbin/nologin "$PGUSER"
  fi
  if [ ! -f "$PGDATA/complete" ]; then
    rm -rf "$PGDATA"
    mkdir -m 700 "$PGDATA"
    if [ "$(id -u)" = 0 ]; then chown "$PGUSER" "$PGDATA"; fi
    pg_run "'$PGBIN/initdb' -D '$PGDATA/data' -U $ROLE -A trust -E UTF8 --locale=C.UTF-8 --no-sync" \
      >/dev/null 8>&- 9>&-
    mkdir "$PGDATA/users"
    touch "$PGDATA/complete"
  fi
  rm -f "$PGDATA/users/"* # it was not running, so nobody uses it
  local options="-p $PGPORT -c listen_addresses=127.0.0.1 -c unix_socket_directories="
  options+=" -c max_connections=200 -c shared_buffers=256MB -c jit=off"
  options+=" -c wal_level=minimal -c max_wal_senders=0 -c max_wal_size=2GB"
  if [ "$PG_FSYNC" = off ]; then
    options+=" -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
  fi
  # closed descriptors: the server must not hold our locks or a caller's pipe
  pg_run "'$PGBIN/pg_ctl' -D '$PGDATA/data' -l '$PGDATA/log' -w -o '$options' start" \
    >/dev/null 2>&1 </dev/null 8>&- 9>&- || die "PostgreSQL does not start, see $PGDATA/log"
}

pg_stop_if_unused() {
  [ -d "$PGDATA/users" ] || return 0
  rm -f "$PGDATA/users/$PORT"
  if [ -z "$(ls "$PGDATA/users")" ] && [ -f "$PGDATA/data/postmaster.pid" ]; then
    pg_run "'$PGBIN/pg_ctl' -D '$PGDATA/data' -m fast -w stop" >/dev/null 8>&- 9>&- || true
  fi
}

pg_template() { # the seeded database in this cluster, from the dump if there is one
  [ "$(psql_ postgres "select datistemplate from pg_database where datname='$TEMPLATE'")" = t ] && return
  local old
  for old in $(psql_ postgres "select datname from pg_database where datname like 'seeded_%'"); do
    psql_ postgres "alter database $old is_template false"
    psql_ postgres "drop database $old with (force)"
  done
  psql_ postgres "create database $TEMPLATE"
  if [ -f "$SEEDED.pgdump" ]; then
    "$PGBIN/pg_restore" -h 127.0.0.1 -p "$PGPORT" -U "$ROLE" -d "$TEMPLATE" -j 2 "$SEEDED.pgdump"
    psql_ "$TEMPLATE" "analyze"
  else
    write_conf "$STATE/build.conf" ""
    fill "$TEMPLATE" "$STATE/build.conf"
    psql_ "$TEMPLATE" "vacuum analyze"
    "$PGBIN/pg_dump" -h 127.0.0.1 -p "$PGPORT" -U "$ROLE" -Fc -f "$SEEDED.pgdump.new" "$TEMPLATE"
    mv "$SEEDED.pgdump.new" "$SEEDED.pgdump"
  fi
  psql_ postgres "alter database $TEMPLATE is_template true"
}

pg_database() {
  local other
  for other in "$PGDATA/users/"*; do
    if [ -f "$other" ] && [ "${other##*/}" != "$PORT" ] && [ "$(cat "$other")" = "$DB" ]; then
      die "the instance on port ${other##*/} uses database $DB; set ORDERSYNC_TRYTON_DATABASE"
    fi
  done
  mkdir -p "$PGDATA/users"
  echo "$DB" >"$PGDATA/users/$PORT"
  [ "$(psql_ postgres "select 1 from pg_database where datname='$DB'")" = 1 ] && return
  pg_template
  psql_ postgres "create database \"$DB\" template $TEMPLATE strategy file_copy"
}

# ---------------------------------------------------------------------- server

# Opens the port, then runs Tryton in as many processes as asked for, all of which take
# their connections from it.
SERVE='
import os, socket, sys
name, port, workers, threads = sys.argv[1], *map(int, sys.argv[2:5])
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", port))
listener.listen(512)
for _ in range(workers - 1):
    if os.fork() == 0:
        break
from trytond.application import app
from waitress import serve
serve(app, sockets=[listener], threads=threads, connection_limit=500, ident=name)
'

server_pid() { # only if that process is still our server
  local pid
  pid=$(cat "$STATE/server.pid" 2>/dev/null) && [ -n "$pid" ] &&
    grep -aq "ordersync-tryton" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}

answers() {
  curl -fsS -m 2 -o /dev/null -H 'Content-Type: application/json' \
    -d '{"id":1,"method":"common.server.version","params":[]}' "http://127.0.0.1:$PORT/rpc/" 2>/dev/null
}

server_up() {
  if port_taken "$PORT"; then
    die "port $PORT is used by something else; set ORDERSYNC_TRYTON_PORT"
  fi
  [ "$BACKEND" = sqlite ] && WORKERS=1
  TRYTOND_CONFIG=$STATE/trytond.conf TRYTOND_DATABASE_NAMES=$DB \
    setsid "$VENV/bin/python" -c "$SERVE" ordersync-tryton "$PORT" "$WORKERS" "$THREADS" \
    >>"$STATE/server.log" 2>&1 </dev/null 8>&- 9>&- &
  echo $! >"$STATE/server.pid"
  local _
  for _ in $(seq 600); do
    server_pid >/dev/null || kill -0 $! 2>/dev/null ||
      { tail -20 "$STATE/server.log" >&2; die "the server ended, see $STATE/server.log"; }
    answers && return
    sleep 0.1
  done
  die "no answer on port $PORT, see $STATE/server.log"
}

server_down() { # server_down [SIGNAL]
  local pid _
  if pid=$(server_pid); then
    kill "-${1:-TERM}" -- "-$pid" 2>/dev/null || true # its group: all its processes
    for _ in $(seq 100); do port_taken "$PORT" || break; sleep 0.05; done
    kill -KILL -- "-$pid" 2>/dev/null || true
  fi
  rm -f "$STATE/server.pid"
}

# -------------------------------------------------------------------- commands

print_env() {
  echo "TRYTON_URL=http://127.0.0.1:$PORT"
  echo "TRYTON_DATABASE=$DB"
  echo "TRYTON_USER=$LOGIN"
  echo "TRYTON_PASSWORD=$PASSWORD"
}

# one at a time for all that instances share: installation, dumps, clusters
shared_lock() { exec 8>"$CACHE/lock" && flock 8; }
shared_unlock() { exec 8>&-; }

up() {
  if server_pid >/dev/null && answers; then print_env; return; fi
  shared_lock
  install_tryton
  if [ "$BACKEND" = sqlite ]; then sqlite_database; else pg_up; pg_database; fi
  shared_unlock
  write_conf "$STATE/trytond.conf" "$STATE/db"
  server_up
  print_env
}

fresh() {
  server_down KILL # its database goes anyway
  if [ "$BACKEND" = sqlite ]; then
    rm -rf "$STATE/db"
  else
    shared_lock
    pg_up
    psql_ postgres "drop database if exists \"$DB\" with (force)" 2>/dev/null
    shared_unlock
  fi
  up
}

down() {
  server_down
  if [ "$BACKEND" = postgresql ]; then
    shared_lock
    pg_stop_if_unused
    shared_unlock
  fi
}

status() {
  if server_pid >/dev/null && answers; then
    echo "up on port $PORT, $BACKEND, database $DB, queue $QUEUE"
  else
    echo "not up on port $PORT"
    return 1
  fi
}

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p}' "$0"; }

command=${1:-}
case $command in
  env) print_env; exit ;;
  status) status; exit ;;
  up | fresh | down) ;;
  -h | --help | help) usage; exit ;;
  *) usage >&2; exit 2 ;;
esac
mkdir -p "$CACHE" "$STATE"
[ "$BACKEND" = sqlite ] || pg_find
exec 9>"$STATE/lock"
flock 9
$command
