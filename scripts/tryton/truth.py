#!/usr/bin/env python3
"""What Tryton's books say, as JSON: the tests' second opinion.

Reads over JSON-RPC and writes nothing. Amounts are strings with the decimals
Tryton gave; account amounts are in the currency of the company.

    {"accounts": {"2610": {"debit": "0.00", "credit": "20.00", "balance": "-20.00"}, ...},
     "debit": "...", "credit": "...",         all accounts together
     "unbalanced_moves": [],                  numbers of moves that do not add up
     "invoices": [{"number": "INV-2026-000001", "reference": "...", "state": "posted",
                   "type": "out", "date": "2026-11-20", "currency": "SEK", "party": "...",
                   "untaxed": "80.00", "tax": "20.00", "total": "100.00",
                   "taxes": {"VAT25": {"base": "80.00", "amount": "20.00"}}}, ...]}

Accounts count posted moves only and are left out when nothing was booked on
them. Invoices come in every state, drafts too, in the order they were made.
"""
import argparse
import base64
import collections
import datetime
import json
import time
import urllib.error
import urllib.request
from decimal import Decimal

PAGE = 2000


class TrytonError(Exception):
    """An answer that is an error; `payload` is what Tryton sent."""

    def __init__(self, method, payload):
        super().__init__("%s: %s" % (method, json.dumps(payload)[:2000]))
        self.payload = payload


def encode(value):
    """json.dumps default: the types JSON has no word for."""
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, datetime.date):
        return {"__class__": "date", "year": value.year,
                "month": value.month, "day": value.day}
    raise TypeError(type(value))


def decode(value):
    """json.loads object hook: the reverse."""
    kind = value.get("__class__")
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return datetime.date(value["year"], value["month"], value["day"])
    return value


class Tryton:
    """A logged-in connection. `calls` counts what was called, `spent` the
    seconds it took."""

    def __init__(self, url, database, user, password, timeout=300):
        self.url = "%s/%s/rpc/" % (url.rstrip("/"), database)
        self.timeout = timeout
        self.headers = {"Content-Type": "application/json",
                        "Accept-Encoding": "identity"}
        self.context = {}
        self.calls = collections.Counter()
        self.spent = collections.Counter()
        user_id, token = self.raw(
            "common.db.login", [user, {"password": password}])[:2]
        session = "%s:%s:%s" % (user, user_id, token)
        self.headers["Authorization"] = (
            "Session " + base64.b64encode(session.encode()).decode())
        preferences = self.call("model.res.user.get_preferences", True)
        self.context = {"company": preferences["company"], "language": "en"}
        self.calls.clear()
        self.spent.clear()

    def raw(self, method, params):
        body = json.dumps({"id": 1, "method": method, "params": params},
                          default=encode).encode()
        request = urllib.request.Request(self.url, body, self.headers)
        started = time.monotonic()
        try:
            with urllib.request.urlopen(request, timeout=self.timeout) as got:
                answer = json.loads(got.read(), object_hook=decode)
        except urllib.error.HTTPError as error:
            raise TrytonError(method, [
                "HTTP %d" % error.code,
                error.read().decode(errors="replace")]) from None
        finally:
            self.calls[method] += 1
            self.spent[method] += time.monotonic() - started
        if "error" in answer:
            raise TrytonError(method, answer["error"])
        return answer["result"]

    def call(self, method, *params, **context):
        return self.raw(method, [*params, {**self.context, **context}])

    def search_read(self, model, domain, fields):
        """All records, a page at a time, by id."""
        last = 0
        while True:
            rows = self.call(
                "model.%s.search_read" % model,
                [domain, ["id", ">", last]], 0, PAGE, [["id", "ASC"]], fields)
            yield from rows
            if len(rows) < PAGE:
                return
            last = rows[-1]["id"]


def add_arguments(parser):
    parser.add_argument("--url", default="http://127.0.0.1:18030")
    parser.add_argument("--database", default="ordersync")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", required=True)


def connect(options):
    return Tryton(
        options.url, options.database, options.user, options.password)


def books(tryton):
    accounts = collections.defaultdict(lambda: [Decimal(0), Decimal(0)])
    moves = collections.Counter()
    for line in tryton.search_read(
            "account.move.line", ["move.state", "=", "posted"],
            ["account.code", "account.rec_name", "move.number",
             "debit", "credit"]):
        code = line["account."]["code"] or line["account."]["rec_name"]
        accounts[code][0] += line["debit"]
        accounts[code][1] += line["credit"]
        moves[line["move."]["number"]] += line["debit"] - line["credit"]
    return {
        "accounts": {
            code: {"debit": str(debit), "credit": str(credit),
                   "balance": str(debit - credit)}
            for code, (debit, credit) in sorted(accounts.items())},
        "debit": str(sum((a[0] for a in accounts.values()), Decimal(0))),
        "credit": str(sum((a[1] for a in accounts.values()), Decimal(0))),
        "unbalanced_moves": [number for number, left in moves.items() if left],
    }


def invoices(tryton):
    for row in tryton.search_read(
            "account.invoice", [],
            ["number", "reference", "state", "type", "invoice_date",
             "currency.code", "party.name", "untaxed_amount", "tax_amount",
             "total_amount", "taxes.tax.name", "taxes.description",
             "taxes.base", "taxes.amount"]):
        taxes = {}
        for tax in row["taxes."]:
            name = (tax.get("tax.") or {}).get("name") or tax["description"]
            sums = taxes.setdefault(name, [Decimal(0), Decimal(0)])
            sums[0] += tax["base"]
            sums[1] += tax["amount"]
        yield {
            "number": row["number"],
            "reference": row["reference"],
            "state": row["state"],
            "type": row["type"],
            "date": row["invoice_date"] and row["invoice_date"].isoformat(),
            "currency": row["currency."]["code"],
            "party": row["party."]["name"],
            "untaxed": str(row["untaxed_amount"]),
            "tax": str(row["tax_amount"]),
            "total": str(row["total_amount"]),
            "taxes": {name: {"base": str(base), "amount": str(amount)}
                      for name, (base, amount) in taxes.items()},
        }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    tryton = connect(parser.parse_args())
    truth = books(tryton)
    truth["invoices"] = list(invoices(tryton))
    print(json.dumps(truth, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
