#!/usr/bin/env python3
"""Fills an empty Tryton database with the company the tests trade in.

    seed.py DATABASE TRYTOND_CONF

It talks to the database directly (proteus, no server needed). Each record is
looked up by its name or code before it is made, so running it twice, or again
after it was cut off half-way, leaves one of everything.
"""
import datetime
import sys
from decimal import Decimal as D

from proteus import Model, Wizard, config

COMPANY = "Nordic Test AB"
COMPANY_CURRENCY = "SEK"
FISCAL_YEARS = range(2024, 2028)

# How many units one EUR buys. JPY is left out on purpose: orders in a
# currency the ERP does not know have to be refused somewhere.
RATES_DATE = datetime.date(2020, 1, 1)
CURRENCIES = {
    "EUR": ("Euro", "€", D("1")),
    "SEK": ("Swedish krona", "kr", D("11")),
    "NOK": ("Norwegian krone", "NKr", D("11.5")),
    "USD": ("US dollar", "$", D("1.1")),
}

COUNTRIES = {
    "SE": "Sweden", "DE": "Germany", "FR": "France", "BE": "Belgium",
    "NL": "Netherlands", "FI": "Finland", "US": "United States",
    "GB": "United Kingdom", "NO": "Norway", "DK": "Denmark",
}

# Extra accounts: code -> (name, account of the standard chart it is placed
# beside and whose type it takes, lines can be reconciled).
ACCOUNTS = {
    "1930": ("Bank", "1.1.1", False),
    "1588": ("Payout clearing from before the start", "1.1.1", False),
    "1689": ("Held back by payment providers", "1.1.1", False),
    "1931": ("Payout clearing", "1.1.1", True),
    "1932": ("Payout clearing, second", "1.1.1", False),
    "1933": ("Payout clearing, third", "1.1.1", False),
    "2610": ("Output VAT", "6.3.4", False),
    "2670": ("Output VAT, other EU countries (OSS)", "6.3.4", False),
    "2614": ("Output VAT, reverse charge", "6.3.4", False),
    "2645": ("Input VAT, reverse charge", "6.3.4", False),
    "2999": ("Suspense", "1.1.1", False),
    "3740": ("Rounding", "4.1.1", False),
    "3960": ("Currency exchange gains", "6.2.1", False),
    "7960": ("Currency exchange losses", "6.2.1", False),
    "6351": ("Chargebacks", "5.2.1", False),
    "6570": ("Payment provider fees", "5.2.1", False),
}
REVENUE, EXPENSE, RECEIVABLE, PAYABLE = "4.1.1", "5.2.1", "1.2.1", "2.1.1"
VOUCHERS, VOUCHERS_NAME = "2420", "Gift vouchers outstanding"

# Tax name -> (rate, description, account, text for the invoice)
TAXES = {
    "VAT25": ("0.25", "VAT 25 %", "2610", None),
    "VAT12": ("0.12", "VAT 12 %", "2610", None),
    "VAT6": ("0.06", "VAT 6 %", "2610", None),
    "DE19": ("0.19", "MwSt. 19 %", "2670", None),
    "DE7": ("0.07", "MwSt. 7 %", "2670", None),
    "EXPORT0": ("0", "Export outside the EU", "2610", "Export, no VAT."),
    "EUB2B0": ("0", "Sale to a business in the EU", "2610",
               "Reverse charge."),
    "EXEMPT0": ("0", "Outside the scope of VAT", "2610", None),
}

# Accounting category -> (revenue account, tax it suggests)
CATEGORIES = {
    "Goods 25 %": (REVENUE, "VAT25"),
    "Goods 12 %": (REVENUE, "VAT12"),
    "Goods 6 %": (REVENUE, "VAT6"),
    "Gift vouchers": (VOUCHERS, "EXEMPT0"),
    "Rounding": ("3740", None),
}

# Template code -> (name, category, {variant suffix: price without VAT}).
# Everything is a service, so no invoice waits for a delivery.
PRODUCTS = {
    "MUG-001": ("Coffee mug", "Goods 25 %", {"": "79.20"}),
    "PEN-001": ("Ball pen", "Goods 25 %", {"": "15.00"}),
    "SERV-1H": ("One hour of advice", "Goods 25 %", {"": "800.00"}),
    "ODD-333": ("Odd priced thing", "Goods 25 %", {"": "3.33"}),
    "LATER-SKU": ("Late arrival", "Goods 25 %", {"": "100.00"}),
    "ÅÄÖ-1/2": ("Räksmörgås, half", "Goods 25 %", {"": "49.50"}),
    "FOOD-001": ("Ground coffee", "Goods 12 %", {"": "89.00"}),
    "BOOK-001": ("Paperback", "Goods 6 %", {"": "150.00"}),
    "GIFT-500": ("Gift voucher 500", "Gift vouchers", {"": "500.00"}),
    "TS": ("T-shirt", "Goods 25 %",
           {"-S": "159.20", "-M": "159.20", "-L": "159.20"}),
    "SHIRT": ("Linen shirt", "Goods 25 %", {"-M": "400.00"}),
    "BOOK": ("Hardback", "Goods 6 %", {"": "250.00"}),
    "SHIPPING": ("Shipping", "Goods 25 %", {"": "49.00"}),
    "FEE": ("Fee", "Goods 25 %", {"": "0.00"}),
    "REFUND": ("Refund", "Goods 25 %", {"": "0.00"}),
    "ROUNDING": ("Rounding", "Rounding", {"": "0.00"}),
    "UNKNOWN-ARTICLE": ("Article not in the register", "Goods 25 %",
                        {"": "0.00"}),
}

PAYMENT_TERMS = {"Immediate": 0, "30 days": 30}
PAYMENT_METHODS = {"PSP payout": "1931", "Bank": "1930"}
STATEMENT_JOURNALS = {"PSP payouts": "SEK", "PSP payouts EUR": "EUR"}
PAYMENT_JOURNALS = {"PSP SEK": "SEK", "PSP EUR": "EUR"}


def find(model, **equal):
    """The one record with these values, or None."""
    domain = [(name, "=", getattr(value, "id", value))
              for name, value in equal.items()]
    found = Model.get(model).find(domain, limit=1)
    return found[0] if found else None


def ensure(model, key, **values):
    """The record found by `key`; made from key and values when missing."""
    record = find(model, **key)
    if record is None:
        record = Model.get(model)()
        for name, value in {**key, **values}.items():
            setattr(record, name, value)
        record.save()
    return record


def link(record):
    """Another proteus object for the same record: one of them may sit in only
    one list at a time."""
    return Model.get(record.__class__.__name__)(record.id)


def xml_record(module, name, model):
    data = Model.get("ir.model.data")
    return Model.get(model)(data.get_id(module, name, {}))


def seed_currencies():
    for code, (name, symbol, rate) in CURRENCIES.items():
        currency = ensure("currency.currency", {"code": code}, name=name,
                          symbol=symbol, digits=2, rounding=D("0.01"))
        if not currency.rates:
            currency.rates.new(date=RATES_DATE, rate=rate)
            currency.save()


def seed_countries():
    for code, name in COUNTRIES.items():
        ensure("country.country", {"code": code}, name=name)


def seed_company():
    company = find("company.company")
    if company is None:
        wizard = Wizard("company.company.config")
        wizard.execute("company")
        wizard.form.party = ensure("party.party", {"name": COMPANY})
        wizard.form.currency = find(
            "currency.currency", code=COMPANY_CURRENCY)
        wizard.execute("add")
        company = find("company.company")
    # from here on everything is done in that company
    session = config.get_config()
    session._context.update(
        Model.get("res.user").get_preferences(True, session.context))
    return company


def seed_chart(company):
    if find("account.account") is None:
        wizard = Wizard("account.create_chart")
        wizard.execute("account")
        wizard.form.company = company
        wizard.form.account_template = xml_record(
            "account", "account_template_root_en", "account.account.template")
        wizard.execute("create_account")
        form = wizard.form
        form.account_receivable = find("account.account", code=RECEIVABLE)
        form.account_payable = find("account.account", code=PAYABLE)
        form.category_account_expense = find("account.account", code=EXPENSE)
        form.category_account_revenue = find("account.account", code=REVENUE)
        wizard.execute("create_properties")
    for code, (name, beside, reconcile) in ACCOUNTS.items():
        model = find("account.account", code=beside)
        ensure("account.account", {"code": code}, name=name, type=model.type,
               parent=model.parent, reconcile=reconcile)
    # An invoice in another currency may miss balance by a cent of the
    # company's once each line is converted; that cent needs somewhere to go.
    settings = Model.get("account.configuration")(1)
    settings.currency_exchange_credit_account = find(
        "account.account", code="3960")
    settings.currency_exchange_debit_account = find(
        "account.account", code="7960")
    settings.save()
    seed_voucher_account(company)


def seed_voucher_account(company):
    """Sold vouchers are a debt to whoever holds them, but Tryton lets an
    invoice line go to accounts of a revenue type only. So 2420 gets a type
    of its own that counts as revenue and hangs under the liabilities, which
    is where the balance sheet then adds it."""
    beside = find("account.account", code=PAYABLE)
    kind = ensure(
        "account.account.type", {"name": VOUCHERS_NAME}, company=company,
        parent=beside.type.parent, statement="income", revenue=True)
    ensure("account.account", {"code": VOUCHERS}, name=VOUCHERS_NAME,
           type=kind, parent=find("account.account", code="2.0.0"))


def seed_sequence(company, kind, name, **values):
    kind = find("ir.sequence.type", name=kind)
    return ensure("ir.sequence.strict", {"name": name, "sequence_type": kind},
                  company=company, **values)


def seed_fiscal_years(company):
    FiscalYear = Model.get("account.fiscalyear")
    for year in FISCAL_YEARS:
        fiscal_year = find("account.fiscalyear", name=str(year))
        if fiscal_year is None:
            moves = seed_sequence(
                company, "Account Move", "Moves %d" % year)
            numbers = {
                prefix: seed_sequence(
                    company, "Invoice", "%s %d" % (name, year),
                    prefix="%s-%d-" % (prefix, year), padding=6)
                for prefix, name in (
                    ("INV", "Invoices"), ("CN", "Credit notes"),
                    ("BILL", "Supplier invoices"),
                    ("BILLCN", "Supplier credit notes"))}
            fiscal_year = FiscalYear(
                name=str(year), company=company, move_sequence=moves,
                start_date=datetime.date(year, 1, 1),
                end_date=datetime.date(year, 12, 31))
            row, = fiscal_year.invoice_sequences
            row.out_invoice_sequence = numbers["INV"]
            row.out_credit_note_sequence = numbers["CN"]
            row.in_invoice_sequence = numbers["BILL"]
            row.in_credit_note_sequence = numbers["BILLCN"]
            fiscal_year.save()
        if not fiscal_year.periods:
            fiscal_year.click("create_period")


def seed_taxes(company):
    for name, (rate, description, code, notice) in TAXES.items():
        vat = find("account.account", code=code)
        ensure("account.tax", {"name": name}, description=description,
               type="percentage", rate=D(rate), company=company,
               invoice_account=vat, credit_note_account=vat,
               legal_notice=notice)


def seed_products():
    for name, (revenue, tax) in CATEGORIES.items():
        if find("product.category", name=name):
            continue
        category = Model.get("product.category")(name=name, accounting=True)
        category.account_revenue = find("account.account", code=revenue)
        category.account_expense = find("account.account", code=EXPENSE)
        if tax:
            category.customer_taxes.append(find("account.tax", name=tax))
        category.save()
    unit = xml_record("product", "uom_unit", "product.uom")
    for code, (name, category, variants) in PRODUCTS.items():
        if find("product.template", code=code):
            continue
        template = Model.get("product.template")(
            name=name, code=code, type="service", salable=True,
            default_uom=link(unit), list_price=D(min(variants.values())),
            account_category=find("product.category", name=category))
        for number, suffix in enumerate(variants):
            product = (template.products[0] if number == 0
                       else template.products.new())
            product.suffix_code = suffix
        template.save()


def seed_payment_terms():
    for name, days in PAYMENT_TERMS.items():
        if find("account.invoice.payment_term", name=name) is None:
            term = Model.get("account.invoice.payment_term")(name=name)
            line = term.lines.new(type="remainder")
            line.relativedeltas.new(days=days)
            term.save()


def seed_payments(company):
    """What payouts of a payment provider need."""
    cash = find("account.journal", type="cash")
    for name, code in PAYMENT_METHODS.items():
        account = find("account.account", code=code)
        ensure("account.invoice.payment.method", {"name": name},
               company=company, journal=cash,
               debit_account=account, credit_account=account)
    clearing = find("account.account", code="1931")
    statements = ensure("account.journal", {"type": "statement"},
                        name="Statement", code="STM")
    for name, code in STATEMENT_JOURNALS.items():
        ensure("account.statement.journal", {"name": name}, company=company,
               journal=statements, account=clearing, validation="amount",
               currency=find("currency.currency", code=code))
    for name, code in PAYMENT_JOURNALS.items():
        ensure("account.payment.journal", {"name": name}, company=company,
               currency=find("currency.currency", code=code),
               process_method="manual", clearing_journal=cash,
               clearing_account=clearing)
    write_offs = ensure("account.journal", {"type": "write-off"},
                        name="Write-off", code="WOFF")
    for name, code in (("PSP fee", "6570"), ("Rounding", "3740")):
        account = find("account.account", code=code)
        ensure("account.move.reconcile.write_off", {"name": name},
               company=company, journal=write_offs,
               debit_account=account, credit_account=account)


def seed_sale_settings():
    settings = Model.get("sale.configuration")(1)
    settings.sale_invoice_method = "order"
    settings.sale_shipment_method = "order"
    settings.save()


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    config.set_trytond(database=sys.argv[1], config_file=sys.argv[2])
    seed_currencies()
    seed_countries()
    company = seed_company()
    seed_chart(company)
    seed_fiscal_years(company)
    seed_taxes(company)
    seed_products()
    seed_payment_terms()
    seed_payments(company)
    seed_sale_settings()


if __name__ == "__main__":
    main()
