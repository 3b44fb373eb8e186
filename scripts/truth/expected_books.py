#!/usr/bin/env python3
"""What the books must hold for the recorded shop, by arithmetic of its own.

    expected_books.py FOLDER                  prints invoices, credit notes and account balances as JSON
    expected_books.py FOLDER --check          checks outcomes.json against the recordings
    expected_books.py FOLDER --ledger FILE    compares what scripts/tryton/truth.py printed

FOLDER holds orders/, the recorded orders, one JSON file each, and refunds/, the
recorded list of refunds of each order that has any. The last two print each
difference and end with status 1 if there is any.

Nothing here is shared with the product. Amounts come from the net of each line,
from `tax_lines` (VAT by rate, goods and shipping) and from `total`, of orders and of
refunds alike; which snapshot of an order was booked, and which was credited, comes
from outcomes.json, written by hand.

Balances are debit minus credit in the company's currency. Tryton converts each
line of a move by itself and rounds it to 0.01, half to even; what the rounded
lines miss goes to an exchange account. At 1 EUR = 11 SEK every amount converts
exactly, so nothing is missed, however the nets are spread over lines.
"""
import argparse
import collections
import datetime
import itertools
import json
import pathlib
import sys
import zoneinfo
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

OUTCOMES = pathlib.Path(__file__).parents[2] / "Tests/ShopToBooksTests/Expected/outcomes.json"
MERCHANT = zoneinfo.ZoneInfo("Europe/Stockholm")
TAXES = {("SE", 25): "VAT25", ("SE", 12): "VAT12", ("SE", 6): "VAT6", ("DE", 19): "DE19", ("DE", 7): "DE7"}
RATES = {"SEK": Decimal(1), "EUR": Decimal(11)}
GIFT_CARD = "GIFT-500"
DEAD = ("failed", "trash")
CENT = Decimal("0.01")
RECEIVABLE, REVENUE, GIFT_LIABILITY, ROUNDING = "1.2.1", "4.1.1", "2420", "3740"
EXCHANGE_GAIN, EXCHANGE_LOSS = "3960", "7960"
OUTPUT_VAT = {"VAT25": "2610", "VAT12": "2610", "VAT6": "2610", "DE19": "2670", "DE7": "2670"}


def demand(true, otherwise):
    if not true:
        sys.exit(otherwise)


def lines_of(order):
    return order["line_items"] + order["shipping_lines"] + order["fee_lines"]


def named_by(refund):
    """The lines by which a refund gives something back; a quantity without money gives nothing."""
    return [line for line in lines_of(refund) if Decimal(line["total"]) or Decimal(line["total_tax"])]


def disagrees(refund):
    """Its lines come to another amount than it gives back, by more than they can be rounded."""
    lines = named_by(refund)
    stated = -sum(Decimal(line["total"]) + Decimal(line["total_tax"]) for line in lines)
    return bool(lines) and abs(Decimal(refund["amount"]) - stated) > CENT * len(lines)


def paid_back(order):
    return -sum(Decimal(refund["total"]) for refund in order["refunds"])


def to_credit(order):
    """What must be credited in the end: all of a sale that was called off, else what was paid back."""
    return Decimal(order["total"]) if order["status"] in ("cancelled", "refunded") else paid_back(order)


def broken_yen(order):
    amounts = [order["total"]] + [line["total"] for line in order["line_items"]]
    return order["currency"] == "JPY" and any(Decimal(amount) % 1 for amount in amounts)


def facts(order):
    """What a booked invoice says about its order."""
    lines = [[line["id"], line.get("quantity"), line["total"], line["total_tax"]] for line in lines_of(order)]
    return [order["currency"], order["total"], lines, order["billing"]]


# What must be true of a recording for its outcome, beside the recording that was booked.
REASONS = {
    "completed": lambda now, booked: facts(now) == facts(booked) and now["status"] not in DEAD,
    "payment": lambda now, _: now["date_paid_gmt"] is None and now["payment_method"] != "cod",
    "delivery": lambda now, _: now["payment_method"] == "cod" and now["status"] != "completed",
    "ZERO_VALUE_ORDER": lambda now, _: Decimal(now["total"]) == 0 and now["status"] not in DEAD,
    "SKU_MISSING": lambda now, _: not all(line["sku"] for line in now["line_items"]),
    "CURRENCY_NOT_IN_ERP": lambda now, _: now["currency"] not in RATES and not broken_yen(now),
    "AMOUNT_DOES_NOT_FIT_CURRENCY": lambda now, _: broken_yen(now),
    "CANCELLED_AFTER_BOOKING": lambda now, _: now["status"] in DEAD,
    "CHANGED_AFTER_BOOKING": lambda now, booked: facts(now) != facts(booked) and now["status"] not in DEAD,
    "REFUND_DOES_NOT_ADD_UP": lambda now, booked: facts(now) == facts(booked) and now["status"] not in DEAD
    and (any(map(disagrees, now["details"])) or now["status"] == "refunded" and paid_back(now) != to_credit(now)),
}


def taxes_of(order):
    country = order["shipping"]["country"] or order["billing"]["country"]
    return {line["rate_id"]: TAXES[country, line["rate_percent"]] for line in order["tax_lines"]}


def day(utc):
    return datetime.datetime.fromisoformat(utc + "+00:00").astimezone(MERCHANT).date().isoformat()


def invoice_of(order):
    """The invoice of a recording, and what it credits in the order's currency: (account, amount)."""
    demand(order["date_paid_gmt"], f"order {order['number']} was booked before it was paid")
    tax_by_rate = taxes_of(order)
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
    demand(abs(rounding) <= CENT * len(credits), f"order {order['number']}: {rounding} is no rounding")
    credits += [(ROUNDING, rounding)] + [(OUTPUT_VAT[tax], vat) for tax, vat in taxes.items() if vat]
    return {
        "total": order["total"], "currency": order["currency"], "date": day(order["date_paid_gmt"]),
        "taxes": {tax: f"{vat:.2f}" for tax, vat in taxes.items()},
        "net": {tax: f"{amount:.2f}" for tax, amount in net.items()}, "rounding": f"{rounding:.2f}"}, credits


def given_by_line(refund, order):
    """Net and VAT by tax of a refund that names lines: net by its lines, VAT by its own `tax_lines`."""
    tax_by_rate, given = taxes_of(order), collections.defaultdict(lambda: [Decimal(0), Decimal(0)])
    rates = {line["id"]: [tax["id"] for tax in line["taxes"]] for line in lines_of(order)}
    for line in named_by(refund):
        of, = [int(field["value"]) for field in line["meta_data"] if field["key"] == "_refunded_item_id"]
        rate, = rates[of]
        given[tax_by_rate[rate]][0] -= Decimal(line["total"])
    for line in refund["tax_lines"]:
        given[tax_by_rate[line["rate_id"]]][1] -= Decimal(line["tax_total"]) + Decimal(line["shipping_tax_total"])
    return given


def given_by_amount(amount, left, rates):
    """Net and VAT by tax of an amount without lines, in proportion to the gross that each tax has left."""
    gross = {tax: sum(parts) for tax, parts in left.items() if sum(parts)}
    whole = sum(gross.values())
    if amount == whole:
        return {tax: list(left[tax]) for tax in gross}
    exact = {tax: amount * part / whole for tax, part in gross.items()}
    shares = {tax: share // CENT * CENT for tax, share in exact.items()}
    missing = int((amount - sum(shares.values())) / CENT)
    for tax in sorted(exact, key=lambda tax: shares[tax] - exact[tax])[:missing]:
        shares[tax] += CENT
    given = {}
    for tax, share in shares.items():
        vat = (share * rates[tax] / (100 + rates[tax])).quantize(CENT, ROUND_HALF_UP)
        given[tax] = [share - vat, vat]
    return given


def credit_notes_of(order):
    """The credit notes of a recording, as outcomes.json has them."""
    invoice, _ = invoice_of(order)
    left = {tax: [Decimal(invoice["net"][tax]), Decimal(invoice["taxes"][tax])] for tax in invoice["net"]}
    tax_by_rate, rates = taxes_of(order), collections.defaultdict(int)
    rates.update({tax_by_rate[line["rate_id"]]: line["rate_percent"] for line in order["tax_lines"]})
    wanted = [(str(refund["id"]), Decimal(refund["amount"]), refund["date_created_gmt"], refund)
              for refund in sorted(order["details"], key=lambda refund: refund["id"])]
    rest = to_credit(order) - sum(amount for _, amount, _, _ in wanted)
    if order["status"] == "cancelled":
        wanted.append((None, rest, order["date_modified_gmt"], {}))
    notes = []
    for number, amount, at, refund in wanted:
        if not amount:
            continue
        demand(not (refund and disagrees(refund)), f"refund {number} does not add up")
        lines = named_by(refund) if refund else []
        given = given_by_line(refund, order) if lines else given_by_amount(amount, left, rates)
        for tax, parts in given.items():
            left[tax] = [have - part for have, part in zip(left[tax], parts)]
            demand(min(left[tax]) >= 0, f"refund {number} takes more {tax} than the invoice has")
        rounding = amount - sum(map(sum, given.values()))
        given = {tax: parts for tax, parts in given.items() if any(parts)}
        notes.append({
            "refund": number, "total": f"{amount:.2f}", "currency": order["currency"], "date": day(at),
            "taxes": {tax: f"{parts[1]:.2f}" for tax, parts in given.items()},
            "net": {tax: f"{parts[0]:.2f}" for tax, parts in given.items()}, "rounding": f"{rounding:.2f}"})
    return notes


def documents(booked, credited):
    """Each document of the books: order, figures, sign and what it credits (a credit note: debits)."""
    for number, order in booked.items():
        invoice, credits = invoice_of(order)
        yield number, invoice, 1, credits
    for number, order in credited.items():
        for note in credit_notes_of(order):
            credits = [(GIFT_LIABILITY if tax == "EXEMPT0" else REVENUE, -Decimal(net))
                       for tax, net in note["net"].items()]
            credits += [(OUTPUT_VAT[tax], -Decimal(vat)) for tax, vat in note["taxes"].items() if Decimal(vat)]
            yield number, note, -1, credits + [(ROUNDING, -Decimal(note["rounding"]))]


def balances(booked, credited):
    accounts = collections.Counter()
    for _, figures, sign, credits in documents(booked, credited):
        missed = Decimal(0)
        for account, amount in [(RECEIVABLE, -sign * Decimal(figures["total"]))] + credits:
            converted = -(amount * RATES[figures["currency"]]).quantize(CENT, ROUND_HALF_EVEN)
            accounts[account] += converted
            missed += converted
        accounts[EXCHANGE_GAIN if missed > 0 else EXCHANGE_LOSS] -= missed
    return {account: str(balance) for account, balance in sorted(accounts.items()) if balance}


def check(outcomes, recordings, booked, credited):
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
        stands = outcome["state"] == "completed" or reason.endswith(("AFTER_BOOKING", "ADD_UP"))
        notes = outcome.get("creditNotes", [])
        due = to_credit(order) if outcome["state"] == "completed" else 0
        if sum(Decimal(note["total"]) for note in notes) != due:
            yield f"{file}: {due} must be credited"
        if stands != bool(outcome["invoice"]):
            yield f"{file}: {reason}, but " + ("no invoice" if stands else "an invoice")
        elif not REASONS[reason](order, booked.get(number)):
            yield f"{file}: the recording is no case of {reason}"
    for number, order in booked.items():
        want, have = invoice_of(order)[0], standing[number]
        for key in want:
            if want[key] != have.get(key):
                yield f"order {number}: {key} is {have.get(key)}, by the recording {want[key]}"
    for outcome in outcomes:
        if "creditNotes" in outcome:
            wanted = credit_notes_of(credited[outcome["order"]])
            for want, have in itertools.zip_longest(wanted, outcome["creditNotes"]):
                if want != have:
                    yield f"{outcome['file']}: a credit note is {have}, by the recording {want}"


def compare(ledger, booked, credited):
    """Every way in which the ledger and the expected books disagree."""
    have = {code: Decimal(sums["debit"]) - Decimal(sums["credit"]) for code, sums in ledger["accounts"].items()}
    want = balances(booked, credited)
    for code in sorted(want.keys() | have.keys()):
        if Decimal(want.get(code, 0)) != have.get(code, 0):
            yield f"account {code}: balance {have.get(code, 0)}, expected {want.get(code, 0)}"

    # References are the product's own, figures are not: documents are paired by what they say.
    missing = collections.defaultdict(list)
    for number, one, sign, _ in documents(booked, credited):
        def signed(amount):
            return f"{sign * Decimal(amount) + 0:.2f}"
        untaxed = sum(map(Decimal, one["net"].values())) + Decimal(one["rounding"])
        by_tax = sorted((tax, signed(one["net"][tax]), signed(one["taxes"][tax])) for tax in one["net"])
        missing[one["date"], one["currency"], signed(one["total"]), signed(untaxed), str(by_tax)].append(number)
    for one in ledger["invoices"]:
        total, untaxed = (f"{Decimal(one[key]):.2f}" for key in ("total", "untaxed"))
        by_tax = sorted((tax, *(f"{Decimal(sums[key]) + 0:.2f}" for key in ("base", "amount")))
                        for tax, sums in one["taxes"].items())
        numbers = missing[one["date"], one["currency"], total, untaxed, str(by_tax)]
        if one["state"] in ("posted", "paid") and one["type"] == "out" and numbers:
            numbers.pop()
        else:
            yield f"not expected: {one}"
    for figures, numbers in missing.items():
        yield from (f"order {number}: no booked document says {figures}" for number in numbers)


def read(folder):
    """The recorded orders by file, each with the details of its refunds; not the cart that was left at the checkout."""
    files = {path.name: json.loads(path.read_text()) for path in (folder / "orders").glob("*.json")}
    orders = {file: one for file, one in files.items() if one["status"] != "checkout-draft"}
    for order in orders.values():
        named = {refund["id"] for refund in order["refunds"]}
        lists = folder / "refunds" / f"{order['id']}.json"
        recorded = json.loads(lists.read_text()) if named else []
        order["details"] = [refund for refund in recorded if refund["id"] in named]
        demand(len(order["details"]) == len(named), f"order {order['id']}: a refund was not recorded")
    return orders


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--outcomes", type=pathlib.Path, default=OUTCOMES)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--ledger", type=pathlib.Path)
    options = parser.parse_args()
    outcomes = json.loads(options.outcomes.read_text())
    recordings, booked, credited = read(options.folder), {}, {}
    for outcome in outcomes:
        if outcome["invoice"]:
            booked.setdefault(outcome["order"], recordings[outcome["file"]])
        if "creditNotes" in outcome:
            credited[outcome["order"]] = recordings[outcome["file"]]
    differences = []
    if options.check:
        differences += check(outcomes, recordings, booked, credited)
    if options.ledger:
        differences += compare(json.loads(options.ledger.read_text()), booked, credited)
    if options.check or options.ledger:
        count = len(list(documents(booked, credited)))
        print("\n".join(differences) or f"{len(outcomes)} outcomes and {count} documents agree")
        sys.exit(1 if differences else 0)
    invoices = {number: invoice_of(order)[0] for number, order in booked.items()}
    notes = {number: credit_notes_of(order) for number, order in credited.items()}
    print(json.dumps(
        {"invoices": invoices, "creditNotes": notes, "accounts": balances(booked, credited)}, indent=1))


if __name__ == "__main__":
    main()
