#!/usr/bin/env python3
"""Orders a second and peak memory from a simulated shop into a simulated Fortnox, each in a process of its own.

    scripts/bench_sandbox.py BINARY ORDERS [limited]

Prints JSON: seconds, orders and calls a second, the server's peak memory in MB, calls by order, and with `limited` the share of
the permitted calls that was used; without it what a bare client comes to that makes one customer, one invoice and one booking
an order on one connection, keeps nothing and checks nothing. The simulators check the books at the end; a difference is a failure.
"""
import base64, http.client, json, re, resource, signal, subprocess, sys, tempfile, time, urllib.parse

binary, orders = sys.argv[1], int(sys.argv[2])
limited = sys.argv[3:] == ["limited"]


def bare(address, count):
    """Orders a second of a client that does nothing but the calls."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(address).netloc)

    def call(method, path, body, headers):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = json.loads(answer.read())
        assert answer.status < 300, content
        return content

    basic = base64.b64encode(b"sandbox-client:sandbox-secret").decode()
    token = call("POST", "/oauth-v1/token", "grant_type=refresh_token&refresh_token=sandbox-refresh-1",
                 {"Authorization": "Basic " + basic, "Content-Type": "application/x-www-form-urlencoded"})
    headers = {"Authorization": "Bearer " + token["access_token"], "Content-Type": "application/json"}
    row = {"ArticleNumber": "HEM-101", "DeliveredQuantity": "1", "Price": 79.2, "VAT": 25, "AccountNumber": 3001}
    began = time.monotonic()
    for number in range(count):
        customer = call("POST", "/3/customers", json.dumps({"Customer": {"Name": "Bare %d" % number}}), headers)
        invoice = call("POST", "/3/invoices", json.dumps({"Invoice": {
            "CustomerNumber": customer["Customer"]["CustomerNumber"], "InvoiceRows": [row] * 3}}), headers)
        call("PUT", "/3/invoices/%s/bookkeep" % invoice["Invoice"]["DocumentNumber"], None, headers)
    return count / (time.monotonic() - began)


def sandbox(folder, options):
    process = subprocess.Popen([binary, "sandbox", folder] + options, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    return process


def stopped(process):
    process.send_signal(signal.SIGINT)
    return process.communicate()[0]


with tempfile.TemporaryDirectory() as folder:
    simulators = sandbox(folder, ["--orders", str(orders)] + ([] if limited else ["--unlimited"]))
    began = time.monotonic()
    run = subprocess.run([binary, "sync", "orders", "--json", "--config", folder + "/ordersync.yaml"],
                         stdout=subprocess.PIPE, text=True)
    seconds = time.monotonic() - began
    # Of all children that ended, and only this one has.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    told = stopped(simulators)
    print(told, file=sys.stderr)
    if simulators.returncode or run.returncode > 1:
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
    else:
        other = sandbox(folder + "/bare", ["--orders", "1", "--unlimited"])
        address = re.search(
            r'url: "(http://[^"]+)"\n\s+authorisationURL', open(folder + "/bare/ordersync.yaml").read())[1]
        report["bare_orders_per_second"] = round(bare(address, min(orders, 2000)), 1)
        other.kill()
    print(json.dumps(report))
