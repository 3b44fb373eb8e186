# make demo          a simulated shop and a simulated Fortnox, kept in step; needs nothing
# make demo-tryton   a shop's recorded orders become booked invoices in a real Tryton
# make test          everything that must hold, on a fresh Debian 12 with Swift 6.3
# make test-ledger   payments and entries in a real Tryton, every call of them lost once
.PHONY: demo demo-tryton test test-ledger build setup lint check-tryton bench campaign clean

SHELL := /bin/bash

setup:
	@scripts/setup-debian.sh

build: setup
	swift build

lint:
	swift format lint -r -p --strict Package.swift Sources Tests

test: setup lint
	scripts/test.sh

test-ledger: setup
	swift build --build-tests
	scripts/tryton/tryton.sh fresh >/dev/null
	ORDERSYNC_TEST_LEDGER=1 ORDERSYNC_TEST_TRYTON_URL=http://127.0.0.1:$${ORDERSYNC_TRYTON_PORT:-18030}/ \
		swift test --skip-build --filter 'ledger' ; status=$$?; scripts/tryton/tryton.sh down; exit $$status

demo: setup
	swift build --product ordersync
	@.build/debug/ordersync demo $(DEMO)

demo-tryton: setup
	scripts/demo-tryton.sh

# Orders per second of the engine alone, and beside a bare client on a real Tryton.
bench: setup
	scripts/bench.sh

# More seeds than `make test` has time for.
campaign: setup
	ORDERSYNC_TEST_SEEDS=2000 swift test --filter ConvergenceTests

clean:
	rm -rf .build
