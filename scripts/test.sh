#!/usr/bin/env bash
# Every test: the Swift suites, among them those that run against a real Tryton on PostgreSQL, which is brought up here on
# ports of its own and taken down at the end.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

export ORDERSYNC_TRYTON_PORT=${ORDERSYNC_TRYTON_PORT:-18040}
export ORDERSYNC_TRYTON_PGPORT=${ORDERSYNC_TRYTON_PGPORT:-18042}
tryton=scripts/tryton/tryton.sh

swift build --build-tests
# What needs the real Tryton is left out as long as none is named.
swift test --skip-build

trap '$tryton down' EXIT
$tryton fresh >/dev/null
export ORDERSYNC_TEST_TRYTON_URL=http://127.0.0.1:$ORDERSYNC_TRYTON_PORT/
# The recorded shop is judged by account balances: it must have the books to itself, so it goes first.
swift test --skip-build --filter RecordedOrdersTests
swift test --skip-build --no-parallel \
    --filter 'DuplicateTests|DeletedRefundTests|inARealTryton|TrytonPayoutTests'
swift test --skip-build --filter TrialBalanceTests
