#!/usr/bin/env python3
"""Orders a second and peak memory from a simulated shop into a simulated Fortnox, each in a process of its own.

    scripts/bench_sandbox.py BINARY ORDERS [limited]

Prints JSON: seconds, orders and calls a second, the server's peak memory in MB, calls by order, and with `limited` the share of
the permitted calls that was used. The simulators check the books at the end; a difference is a failure.
"""
import json, os, re, resource, signal, subprocess, sys, tempfile, time

binary, orders = sys.argv[1], int(sys.argv[2])
limited = sys.argv[3:] == ["limited"]
with tempfile.TemporaryDirectory() as folder:
    options = ["--orders", str(orders)] + ([] if limited else ["--unlimited"])
    sandbox = subprocess.Popen([binary, "sandbox", folder] + options, stdout=subprocess.PIPE, text=True)
    sandbox.stdout.readline()
    began = time.monotonic()
    run = subprocess.run([binary, "sync", "orders", "--json", "--config", folder + "/ordersync.yaml"],
                         stdout=subprocess.PIPE, text=True)
    seconds = time.monotonic() - began
    # Of all children that ended, and only this one has.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    sandbox.send_signal(signal.SIGINT)
    told, _ = sandbox.communicate()
    print(told, file=sys.stderr)
    if sandbox.returncode or run.returncode > 1:
        sys.exit("the run failed or the books differ")
    calls, refused = map(int, re.search(r"(\d+) calls to Fortnox, (\d+)", told).groups())
    states = {}
    for count in json.loads(run.stdout)["orders"]:
        states[count["state"]] = states.get(count["state"], 0) + count["count"]
    report = {"orders": orders, "states": states, "seconds": round(seconds, 1),
              "orders_per_second": round(orders / seconds, 1), "calls": calls, "refused": refused,
              "calls_per_order": round(calls / orders, 2), "calls_per_second": round(calls / seconds, 1),
              "peak_mb": round(peak, 1)}
    if limited:
        report["share_of_permitted"] = round(calls / (25 + 5 * seconds), 3)
    print(json.dumps(report))
