#!/usr/bin/env python3
"""What the books must hold for the recorded shop, by arithmetic of its own.

    expected_books.py FOLDER                  prints invoices and account balances as JSON
    expected_books.py FOLDER --check          checks outcomes.json against the recordings
    expected_books.py FOLDER --ledger FILE    compares what scripts/tryton/truth.py printed

FOLDER holds the recorded orders, one JSON file each. The last two print each
difference and end with status 1 if there is any.

Nothing here is shared with the product. Amounts come from the net of each line,
from `tax_lines` (VAT by rate, goods and shipping) and from `total`; which snapshot
of an order was booked comes from outcomes.json, written by hand.

Balances are debit minus credit in the company's currency. Tryton converts each
line of a move by itself and rounds it to 0.01, half to even; what the rounded
lines miss goes to an exchange account. At 1 EUR = 11 SEK every amount converts
exactly, so nothing is missed, however the nets are spread over lines.
"""
import argparse
import collections
import datetime
import json
import pathlib
import sys
import zoneinfo
from decimal import ROUND_HALF_EVEN, Decimal

OUTCOMES = pathlib.Path(__file__).parents[2] / "Tests/ShopToBooksTests/Expected/outcomes.json"
MERCHANT = zoneinfo.ZoneInfo("Europe/Stockholm")
TAXES = {("SE", 25): "VAT25", ("SE", 12): "VAT12", ("SE", 6): "VAT6", ("DE", 19): "DE19", ("DE", 7): "DE7"}
RATES = {"SEK": Decimal(1), "EUR": Decimal(11)}
GIFT_CARD = "GIFT-500"
DEAD = ("cancelled", "failed", "trash")
RECEIVABLE, REVENUE, GIFT_LIABILITY, ROUNDING = "1.2.1", "4.1.1", "2420", "3740"
EXCHANGE_GAIN, EXCHANGE_LOSS = "3960", "7960"
OUTPUT_VAT = {"VAT25": "2610", "VAT12": "2610", "VAT6": "2610", "DE19": "2670", "DE7": "2670"}


def demand(true, otherwise):
    if not true:
        sys.exit(otherwise)


def lines_of(order):
    return order["line_items"] + order["shipping_lines"] + order["fee_lines"]


def refunded(order):
    return order["status"] == "refunded" or sum(Decimal(refund["total"]) for refund in order["refunds"]) != 0


def broken_yen(order):
    amounts = [order["total"]] + [line["total"] for line in order["line_items"]]
    return order["currency"] == "JPY" and any(Decimal(amount) % 1 for amount in amounts)


def facts(order):
    """What a booked invoice says about its order."""
    lines = [[line["id"], line.get("quantity"), line["total"], line["total_tax"]] for line in lines_of(order)]
    return [order["currency"], order["total"], lines, order["billing"]]


# What must be true of a recording for its outcome, beside the recording that was booked.
REASONS = {
    "completed": lambda now, booked: facts(now) == facts(booked) and now["status"] not in DEAD and not refunded(now),
    "payment": lambda now, _: now["date_paid_gmt"] is None and now["payment_method"] != "cod",
    "delivery": lambda now, _: now["payment_method"] == "cod" and now["status"] != "completed",
    "ZERO_VALUE_ORDER": lambda now, _: Decimal(now["total"]) == 0 and now["status"] not in DEAD,
    "SKU_MISSING": lambda now, _: not all(line["sku"] for line in now["line_items"]),
    "CURRENCY_NOT_IN_ERP": lambda now, _: now["currency"] not in RATES and not broken_yen(now),
    "AMOUNT_DOES_NOT_FIT_CURRENCY": lambda now, _: broken_yen(now),
    "CANCELLED_AFTER_BOOKING": lambda now, _: now["status"] in DEAD,
    "CHANGED_AFTER_BOOKING": lambda now, booked: facts(now) != facts(booked) and now["status"] not in DEAD,
    "REFUND_NEEDS_CREDIT_NOTE": lambda now, booked: refunded(now) and facts(now) == facts(booked)
    and now["status"] not in DEAD,
}


def invoice_of(order):
    """The invoice of a recording, and what it credits in the order's currency: (account, amount)."""
    demand(order["date_paid_gmt"], f"order {order['number']} was booked before it was paid")
    country = order["shipping"]["country"] or order["billing"]["country"]
    tax_by_rate = {line["rate_id"]: TAXES[country, line["rate_percent"]] for line in order["tax_lines"]}
    taxes, net, credits = collections.Counter(), collections.Counter(), []
    for line in order["tax_lines"]:
        taxes[tax_by_rate[line["rate_id"]]] += Decimal(line["tax_total"]) + Decimal(line["shipping_tax_total"])
    for line in lines_of(order):
        gift_card = line.get("sku") == GIFT_CARD
        tax, = [tax_by_rate[tax["id"]] for tax in line["taxes"]] or ["EXEMPT0" if gift_card else "EUB2B0"]
        net[tax] += Decimal(line["total"])
        taxes[tax] += 0
        credits.append((GIFT_LIABILITY if gift_card else REVENUE, Decimal(line["total"])))
    rounding = Decimal(order["total"]) - sum(net.values()) - sum(taxes.values())
    demand(abs(rounding) <= Decimal("0.01") * len(credits), f"order {order['number']}: {rounding} is no rounding")
    credits += [(ROUNDING, rounding)] + [(OUTPUT_VAT[tax], vat) for tax, vat in taxes.items() if vat]
    paid = datetime.datetime.fromisoformat(order["date_paid_gmt"] + "+00:00").astimezone(MERCHANT)
    return {
        "total": order["total"], "currency": order["currency"], "date": paid.date().isoformat(),
        "taxes": {tax: f"{vat:.2f}" for tax, vat in taxes.items()},
        "net": {tax: f"{amount:.2f}" for tax, amount in net.items()}, "rounding": f"{rounding:.2f}"}, credits


def balances(booked):
    accounts = collections.Counter()
    for invoice, credits in map(invoice_of, booked.values()):
        missed = Decimal(0)
        for account, amount in [(RECEIVABLE, -Decimal(invoice["total"]))] + credits:
            converted = -(amount * RATES[invoice["currency"]]).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
            accounts[account] += converted
            missed += converted
        accounts[EXCHANGE_GAIN if missed > 0 else EXCHANGE_LOSS] -= missed
    return {account: str(balance) for account, balance in sorted(accounts.items()) if balance}


def check(outcomes, recordings, booked):
    """Every way in which outcomes.json and the recordings disagree."""
    files = [outcome["file"] for outcome in outcomes]
    demand(sorted(files) == sorted(recordings), f"not once in both: {set(recordings) ^ set(files) or 'one is doubled'}")
    if files != sorted(files, key=lambda file: recordings[file]["date_modified_gmt"]):
        yield "the outcomes are not in the order of modification"
    standing = {}
    for outcome in outcomes:
        file, number, order = outcome["file"], outcome["order"], recordings[outcome["file"]]
        if (number, outcome["number"]) != (str(order["id"]), order["number"]):
            yield f"{file}: is order {order['id']}, number {order['number']}"
        if outcome["invoice"] != standing.get(number, outcome["invoice"]):
            yield f"{file}: the booked invoice of order {number} has changed"
        if outcome["invoice"]:
            standing[number] = outcome["invoice"]
        reason = outcome["waitingFor"] or outcome["code"] or outcome["state"]
        stands = outcome["state"] == "completed" or reason.endswith(("AFTER_BOOKING", "CREDIT_NOTE"))
        if stands != bool(outcome["invoice"]):
            yield f"{file}: {reason}, but " + ("no invoice" if stands else "an invoice")
        elif not REASONS[reason](order, booked.get(number)):
            yield f"{file}: the recording is no case of {reason}"
    for number, order in booked.items():
        want, have = invoice_of(order)[0], standing[number]
        for key in want:
            if want[key] != have.get(key):
                yield f"order {number}: {key} is {have.get(key)}, by the recording {want[key]}"


def compare(ledger, booked):
    """Every way in which the ledger and the expected books disagree."""
    have = {code: Decimal(sums["debit"]) - Decimal(sums["credit"]) for code, sums in ledger["accounts"].items()}
    want = balances(booked)
    for code in sorted(want.keys() | have.keys()):
        if Decimal(want.get(code, 0)) != have.get(code, 0):
            yield f"account {code}: balance {have.get(code, 0)}, expected {want.get(code, 0)}"

    # References are the product's own, figures are not: invoices are paired by what they say.
    missing = collections.defaultdict(list)
    for number, order in booked.items():
        one = invoice_of(order)[0]
        untaxed = sum(map(Decimal, one["net"].values())) + Decimal(one["rounding"])
        by_tax = sorted((tax, one["net"][tax], one["taxes"][tax]) for tax in one["net"])
        missing[one["date"], one["currency"], one["total"], f"{untaxed:.2f}", str(by_tax)].append(number)
    for one in ledger["invoices"]:
        total, untaxed = (f"{Decimal(one[key]):.2f}" for key in ("total", "untaxed"))
        by_tax = sorted((tax, *(f"{Decimal(sums[key]):.2f}" for key in ("base", "amount")))
                        for tax, sums in one["taxes"].items())
        numbers = missing[one["date"], one["currency"], total, untaxed, str(by_tax)]
        if one["state"] in ("posted", "paid") and one["type"] == "out" and numbers:
            numbers.pop()
        else:
            yield f"not expected: {one}"
    for figures, numbers in missing.items():
        yield from (f"order {number}: no booked invoice says {figures}" for number in numbers)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--outcomes", type=pathlib.Path, default=OUTCOMES)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--ledger", type=pathlib.Path)
    options = parser.parse_args()
    outcomes = json.loads(options.outcomes.read_text())
    recordings = {path.name: json.loads(path.read_text()) for path in options.folder.glob("*.json")}
    recordings = {file: one for file, one in recordings.items() if isinstance(one, dict) and "line_items" in one}
    booked = {}
    for outcome in outcomes:
        if outcome["invoice"]:
            booked.setdefault(outcome["order"], recordings[outcome["file"]])
    differences = []
    if options.check:
        differences += check(outcomes, recordings, booked)
    if options.ledger:
        differences += compare(json.loads(options.ledger.read_text()), booked)
    if options.check or options.ledger:
        print("\n".join(differences) or f"{len(outcomes)} outcomes and {len(booked)} invoices agree")
        sys.exit(1 if differences else 0)
    invoices = {number: invoice_of(order)[0] for number, order in booked.items()}
    print(json.dumps({"invoices": invoices, "accounts": balances(booked)}, indent=1))


if __name__ == "__main__":
    main()
