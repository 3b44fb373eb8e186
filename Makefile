# make demo          a simulated shop and a simulated Fortnox, kept in step; needs nothing
# make demo-tryton   a shop's recorded orders become booked invoices in a real Tryton
# make test          everything that must hold, on a fresh Debian 12 with Swift 6.3
# make test-tryton   all that is tried on a real Tryton: every check of the acceptance kit, both ways of registering payments
.PHONY: demo demo-tryton test test-tryton build setup lint check-tryton bench bench-settlement campaign clean

SHELL := /bin/bash

setup:
	@scripts/setup-debian.sh

build: setup
	swift build

lint:
	swift format lint -r -p --strict Package.swift Sources Tests

test: setup lint
	scripts/test.sh

# `make test` leaves out what takes more than a quarter of an hour.
test-tryton: setup
	swift build --build-tests
	scripts/tryton/tryton.sh fresh >/dev/null
	ORDERSYNC_TEST_ALL_TRYTON=1 ORDERSYNC_TEST_TRYTON_URL=http://127.0.0.1:$${ORDERSYNC_TRYTON_PORT:-18030}/ \
		swift test --skip-build --no-parallel --filter 'LiveTests|TrytonPayoutTests' ; status=$$?; scripts/tryton/tryton.sh down; exit $$status

demo: setup
	swift build --product ordersync
	@.build/debug/ordersync demo $(DEMO)

demo-tryton: setup
	scripts/demo-tryton.sh

# Orders per second of the engine alone, and beside a bare client on a real Tryton.
bench: setup
	scripts/bench.sh

# A settlement file of a million rows: rows a second, and memory.
bench-settlement: setup
	swift build -c release --product ordersync
	folder=$$(mktemp -d) && .build/release/ordersync bench settlement --folder $$folder ; rm -rf $$folder

# More seeds than `make test` has time for.
campaign: setup
	ORDERSYNC_TEST_SEEDS=2000 swift test --filter ConvergenceTests

clean:
	rm -rf .build
