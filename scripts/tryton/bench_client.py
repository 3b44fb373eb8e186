#!/usr/bin/env python3
"""How fast this Tryton books orders for the barest of clients.

Each order gets a customer with address and e-mail, three lines (25 %, 6 % and
shipping) and goes from sale to posted invoice, a batch of orders at a time in
the fewest calls Tryton needs. Nothing is checked before or kept aside, so
this is the speed a real client can come near to but not pass.

Prints {"orders", "seconds", "orders_per_second", "calls": {method: how many},
"milliseconds": {method: all its calls together}}.
"""
import argparse
import datetime
import json
import sys
import time
from decimal import Decimal

import truth

# product, quantity, unit price
LINES = (
    ("SHIRT-M", 2, Decimal("400.00")),
    ("BOOK", 1, Decimal("250.00")),
    ("SHIPPING", 1, Decimal("49.00")),
)
TOTAL = Decimal("1326.25")


class Bench:
    def __init__(self, tryton, prefix, validate):
        self.tryton = tryton
        self.validate = validate
        self.prefix = prefix
        self.today = datetime.date.today()
        self.currency = self.only("currency.currency", ["code", "=", "SEK"])
        self.country = self.only("country.country", ["code", "=", "SE"])
        self.shop = self.web_shop()
        self.lines = [self.line(*line) for line in LINES]
        tryton.calls.clear()
        tryton.spent.clear()

    def only(self, model, domain):
        record, = self.tryton.search_read(model, domain, ["id"])
        return record["id"]

    def web_shop(self):
        found = list(self.tryton.search_read(
            "web.shop", ["name", "=", "bench"], ["id"]))
        if found:
            return found[0]["id"]
        return self.tryton.call("model.web.shop.create", [{
            "name": "bench", "company": self.tryton.context["company"],
            "currency": self.currency}])[0]

    def line(self, code, quantity, price):
        product, = self.tryton.search_read(
            "product.product", ["code", "=", code],
            ["sale_uom", "template.account_category.customer_taxes"])
        taxes = product["template."]["account_category."]["customer_taxes"]
        return {"type": "line", "product": product["id"],
                "unit": product["sale_uom"], "quantity": float(quantity),
                "unit_price": price, "description": code,
                "taxes": [["add", taxes]]}

    def party(self, number):
        name = "%s-%d" % (self.prefix, number)
        return {
            "name": "Customer " + name, "code": name,
            "addresses": [["create", [{
                "street_unstructured": "Storgatan %d" % number,
                "postal_code": "111 22", "city": "Stockholm",
                "country": self.country}]]],
            "contact_mechanisms": [["create", [{
                "type": "email", "value": name + "@example.invalid"}]]]}

    def sale(self, number, party, address):
        name = "%s-%d" % (self.prefix, number)
        return {
            "party": party, "invoice_address": address,
            "shipment_address": address, "currency": self.currency,
            "reference": name, "web_shop": self.shop, "web_id": name,
            "sale_date": self.today, "invoice_method": "order",
            "shipment_method": "order", "shipment_cost_method": None,
            "lines": [["create", self.lines]]}

    def book(self, numbers):
        call = self.tryton.call
        parties = call("model.party.party.create",
                       [self.party(number) for number in numbers])
        addresses = {
            row["id"]: row["addresses"][0] for row in call(
                "model.party.party.read", parties, ["addresses"])}
        sales = call("model.sale.sale.create", [
            self.sale(number, party, addresses[party])
            for number, party in zip(numbers, parties)])
        for button in ("quote", "confirm", "process"):
            call("model.sale.sale." + button, sales)
        invoices = [row["invoices"][0] for row in call(
            "model.sale.sale.read", sales, ["invoices"])]
        call("model.account.invoice.write", invoices,
             {"invoice_date": self.today})
        if self.validate:
            call("model.account.invoice.validate_invoice", invoices)
        call("model.account.invoice.post", invoices)
        for row in call("model.account.invoice.read", invoices,
                        ["number", "state", "total_amount"]):
            if row["state"] != "posted" or row["total_amount"] != TOTAL:
                sys.exit("not as expected: %s" % row)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    truth.add_arguments(parser)
    parser.add_argument("--orders", type=int, default=100)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--prefix", default="bench-%d" % time.time(),
                        help="start of references and codes, new each time")
    parser.add_argument("--validate", action="store_true",
                        help="validate invoices before posting them: a call "
                        "more, but posting, which Tryton does three times "
                        "over to get its locks, has less to repeat")
    options = parser.parse_args()
    tryton = truth.connect(options)
    bench = Bench(tryton, options.prefix, options.validate)
    started = time.monotonic()
    for first in range(0, options.orders, options.batch):
        bench.book(range(first, min(first + options.batch, options.orders)))
    seconds = time.monotonic() - started
    print(json.dumps({
        "orders": options.orders,
        "seconds": round(seconds, 3),
        "orders_per_second": round(options.orders / seconds, 2),
        "calls": dict(tryton.calls),
        "milliseconds": {method: round(spent * 1000)
                         for method, spent in tryton.spent.items()},
    }, indent=1))


if __name__ == "__main__":
    main()
