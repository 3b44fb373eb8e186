#!/usr/bin/env bash
# Orders per second: the engine with its store on disk, then OrderSync and a bare client in turns on one real Tryton.
#   ORDERS=200 PAIRS=5 BATCH=50 scripts/bench.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export ORDERSYNC_TRYTON_PORT=${ORDERSYNC_TRYTON_PORT:-18050}
export ORDERSYNC_TRYTON_PGPORT=${ORDERSYNC_TRYTON_PGPORT:-18052}
tryton=scripts/tryton/tryton.sh
folder=$(mktemp -d)
trap '$tryton down; rm -rf "$folder"' EXIT

swift build -c release --product ordersync
ordersync=.build/release/ordersync

"$ordersync" bench --orders 5000 --runs 3

$tryton fresh >"$folder/tryton.env"
export TRYTON_PASSWORD WOO_KEY=none WOO_SECRET=none
TRYTON_PASSWORD=$(sed -n 's/^TRYTON_PASSWORD=//p' "$folder/tryton.env")
sed -e "s/18030/$ORDERSYNC_TRYTON_PORT/; s#ordersync.db#$folder/ordersync.db#" examples/recorded-shop.yaml \
  >"$folder/ordersync.yaml"
bare="python3 scripts/tryton/bench_client.py --url http://127.0.0.1:$ORDERSYNC_TRYTON_PORT --password '$TRYTON_PASSWORD' \
  --orders \$BENCH_ORDERS --batch ${BATCH:-50} --prefix \$BENCH_PREFIX ${BARE_OPTIONS:-}"
"$ordersync" bench --config "$folder/ordersync.yaml" --orders "${ORDERS:-200}" --runs "${PAIRS:-5}" \
  --batch "${BATCH:-50}" --bare "$bare"
