#!/usr/bin/env bash
# The main job, for real: a Tryton ERP is brought up on PostgreSQL, a replay of a recorded WooCommerce shop hands out its
# orders, and OrderSync takes them to booked invoices. Runs on loopback only; everything it makes lies in one folder that is
# removed at the end unless KEEP=1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export ORDERSYNC_TRYTON_PORT=${ORDERSYNC_TRYTON_PORT:-18030}
export ORDERSYNC_TRYTON_PGPORT=${ORDERSYNC_TRYTON_PGPORT:-18032}
shop_port=${ORDERSYNC_DEMO_SHOP_PORT:-18180}
tryton=scripts/tryton/tryton.sh
folder=$(mktemp -d)
ordersync=.build/debug/ordersync

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }

finish() {
  [ -z "${shop_pid:-}" ] || kill "$shop_pid" 2>/dev/null || true
  $tryton down
  if [ "${KEEP:-}" = 1 ]; then echo "kept: $folder"; else rm -rf "$folder"; fi
}
trap finish EXIT

say "Building OrderSync"
swift build --product ordersync

say "Starting a Tryton ERP with an empty ledger (the first time installs it)"
$tryton fresh >"$folder/tryton.env"
export TRYTON_PASSWORD
TRYTON_PASSWORD=$(sed -n 's/^TRYTON_PASSWORD=//p' "$folder/tryton.env")

say "Starting the replay of a recorded WooCommerce shop on port $shop_port"
"$ordersync" replay-shop --recordings Tests/ConnectorTests/Recordings/woocommerce --port "$shop_port" \
  >"$folder/shop.log" 2>&1 &
shop_pid=$!

sed -e "s/18180/$shop_port/; s/18030/$ORDERSYNC_TRYTON_PORT/; s#ordersync.db#$folder/ordersync.db#" \
  examples/recorded-shop.yaml >"$folder/ordersync.yaml"
export WOO_KEY=ck_replay WOO_SECRET=cs_replay
run() { printf '\n$ ordersync %s\n' "$*"; "$ordersync" "$@" --config "$folder/ordersync.yaml" || true; }

for _ in $(seq 100); do curl -s -o /dev/null "http://127.0.0.1:$shop_port/" && break; sleep 0.1; done

say "Would anything stop? Settings, connections and mappings are checked first"
run check

say "Every order of the shop, taken as far as it may go"
run sync orders

say "Where is an order, and why?"
run status order 29
run status order 28
run status order 34

say "The same again: nothing is written twice"
run sync orders --since 2026-01-01

say "What Tryton says, read without OrderSync"
python3 scripts/tryton/truth.py --url "http://127.0.0.1:$ORDERSYNC_TRYTON_PORT" --password "$TRYTON_PASSWORD" \
  >"$folder/books.json"
python3 - "$folder/books.json" <<'SUMMARY'
import json, sys
books = json.load(open(sys.argv[1]))
for invoice in books["invoices"]:
    taxes = ", ".join("%s %s" % (name, tax["amount"]) for name, tax in sorted(invoice["taxes"].items()))
    print("%-16s order %-4s %-7s %10s %s  (%s)" % (
        invoice["number"] or "draft", invoice["reference"], invoice["state"], invoice["total"], invoice["currency"], taxes))
print("all accounts together: debit %s, credit %s" % (books["debit"], books["credit"]))
SUMMARY
