import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

/// Booking, crediting, being paid, and what the books hold then.
@Suite struct FortnoxSandboxBookTests {
    private typealias Bench = FortnoxSandboxBench

    /// One invoice over 305.69, booked.
    private static func booked(
        _ fields: String = "", _ settings: FortnoxSandbox.Settings = Bench.settings,
        _ body: (FortnoxSandboxBench) async throws -> Void
    ) async throws {
        try await Bench.open(settings) { bench in
            try await bench.customer()
            _ = try await bench.invoice(fields)
            _ = try await bench.json(.put, "invoices/1/bookkeep")
            try await body(bench)
            #expect(bench.company.books.areBalanced)
        }
    }

    private static func pay(_ bench: FortnoxSandboxBench, _ fields: String) async throws -> JSONValue {
        try await bench.json(.post, "invoicepayments", #"{"InvoicePayment":{"InvoiceNumber":1,\#(fields)}}"#)
    }

    // MARK: Booking

    @Test func anInvoiceIsBookedWithItsReceivableItsRevenueAndItsVATByRate() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let invoice = try await bench.invoice()
            let booked = try await bench.json(.put, "invoices/1/bookkeep")["Invoice"]

            #expect(invoice["Booked"] == false)
            #expect(invoice["Net"]?.text == "254.55")
            #expect(invoice["TotalVAT"]?.text == "51.14")
            #expect(invoice["Total"]?.text == "305.69")
            #expect(booked?["Booked"] == true)
            #expect(booked?["VoucherSeries"] == "B")
            #expect(booked?["VoucherNumber"] == 1)
            #expect(booked?["VoucherYear"] == 2)
            #expect(booked?["Balance"]?.text == "305.69")
            #expect(bench.rows() == ["1510 D 305.69", "3001 C 158.4", "3002 C 96.15", "2611 C 39.6", "2621 C 11.54"])
        }
    }

    @Test func oneRateThatIsOwedOnTwoAccountsIsSharedByNet() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            let swedish = #"{"Description":"A","DeliveredQuantity":"1","Price":0.50,"VAT":25,"AccountNumber":3001}"#
            let danish = #"{"Description":"B","DeliveredQuantity":"1","Price":0.20,"VAT":25,"AccountNumber":3114}"#
            _ = try await bench.invoice(rows: [swedish, danish])
            _ = try await bench.json(.put, "invoices/1/bookkeep")
            // 0.18 in all: 0.1286 and 0.0514.
            #expect(bench.rows() == ["1510 D 0.88", "3001 C 0.5", "3114 C 0.2", "2611 C 0.13", "2670 C 0.05"])
        }
    }

    @Test(arguments: ["SEK", "EUR"])
    func whateverIsInvoicedCreditedAndPaidTheBooksBalance(_ currency: String) async throws {
        var settings = Bench.settings
        settings.roundsToWholeKronor = true
        try await Bench.open(settings) { bench in
            try await bench.customer()
            var random = SeededGenerator(seed: 17)
            for number in 1...200 {
                let rows = (0..<Int.random(in: 1...6, using: &random)).map { _ -> JSONValue in
                    let vat = [25, 12, 6, 0, 19].randomElement(using: &random) ?? 25
                    var row: [String: JSONValue] = [
                        "Description": "Vara", "VAT": .number(ExactDecimal(vat)),
                        "DeliveredQuantity": .string(String(Int.random(in: -2...9, using: &random))),
                        "Price": .number(ExactDecimal(units: .random(in: 1...99_999, using: &random), decimals: 2)),
                        "Discount": .number(ExactDecimal(Int.random(in: 0...30, using: &random))),
                    ]
                    if vat == 19 { row["AccountNumber"] = 3111 }
                    return .object(row)
                }
                let invoice: JSONValue = [
                    "CustomerNumber": "1001", "Currency": .string(currency), "InvoiceRows": .array(rows),
                    "VATIncluded": .bool(Bool.random(using: &random)),
                ]
                bench.company.perform("POST", "invoices", ["Invoice": invoice])
                let booked = bench.company.perform("PUT", "invoices/\(number)/bookkeep")
                #expect(booked.status == 200)
            }
            for number in stride(from: 1, through: 200, by: 3) {
                let credit = bench.company.perform("PUT", "invoices/\(number)/credit").body
                    .text("Invoice.CreditInvoiceReference")
                bench.company.perform("PUT", "invoices/\(credit ?? "")/bookkeep")
                let payment: JSONValue = [
                    "InvoiceNumber": .number(ExactDecimal(number + 1)), "Amount": 10,
                ]
                let made = bench.company.perform("POST", "invoicepayments", ["InvoicePayment": payment])
                bench.company.perform(
                    "PUT", "invoicepayments/\(made.body.text("InvoicePayment.Number") ?? "")/bookkeep")
            }

            let books = bench.company.books
            #expect(books.areBalanced)
            #expect(books.vouchers.count > 300)
            let rate = ExactDecimal(currency == "EUR" ? 11 : 1)
            let owed = books.invoices.map(\.balance).reduce(.zero, +) * rate
            let difference = (books.balances[1510] ?? .zero) - owed
            // In another currency each payment is rounded to öre.
            #expect(currency == "EUR" ? difference.rounded(decimals: 0).isZero : difference.isZero)
            #expect(try await bench.send(.get, "invoices").status == 200)
        }
    }

    @Test func whatIsBookedIsNeitherChangedNorCancelledNorBookedAgain() async throws {
        try await Self.booked { bench in
            let change = try await bench.refusal(.put, "invoices/1", #"{"Invoice":{"Comments":"a"}}"#)
            #expect(change == "400 9000030")
            #expect(try await bench.refusal(.put, "invoices/1/cancel") == "400 9000030")
            #expect(try await bench.refusal(.put, "invoices/1/bookkeep") == "400 9000030")
            #expect(bench.company.books.vouchers.count == 1)
        }
    }

    @Test func whatIsNotBookedCanBeChangedAndCancelled() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            _ = try await bench.invoice()
            let moved = try await bench.json(.put, "invoices/1", #"{"Invoice":{"InvoiceDate":"2026-11-02"}}"#)
            let cancelled = try await bench.json(.put, "invoices/1/cancel")
            #expect(moved.text("Invoice.DueDate") == "2026-12-02")
            #expect(cancelled["Invoice"]?["Cancelled"] == true)
            #expect(cancelled.text("Invoice.Balance") == "0")
            #expect(try await bench.refusal(.put, "invoices/1/bookkeep") == "400 9000031")
        }
    }

    @Test func nothingIsBookedInALockedPeriodOrOutsideTheYears() async throws {
        var settings = Bench.settings
        settings.lockedThrough = Day("2026-10-31")
        try await Bench.open(settings) { bench in
            try await bench.customer()
            _ = try await bench.invoice(#""InvoiceDate":"2026-10-31""#)
            _ = try await bench.invoice(#""InvoiceDate":"2031-01-01""#)
            #expect(try await bench.refusal(.put, "invoices/1/bookkeep") == "400 9000034")
            #expect(try await bench.refusal(.put, "invoices/2/bookkeep") == "400 9000035")
            let locked = try await bench.json(.get, "settings/lockedperiod")
            #expect(locked == ["LockedPeriod": ["EndDate": "2026-10-31"]])
            let years = try await bench.json(.get, "financialyears?date=2026-12-24")
            #expect(years["FinancialYears"]?.array?.count == 1)
            #expect(years["FinancialYears"]?[0]?["Id"] == 2)
            #expect(try await bench.json(.get, "financialyears?date=2031-01-01")["FinancialYears"] == .array([]))

            _ = try await bench.json(.put, "invoices/1", #"{"Invoice":{"InvoiceDate":"2026-11-01"}}"#)
            let booked = try await bench.json(.put, "invoices/1/bookkeep")
            #expect(booked["Invoice"]?["Booked"] == true)
            bench.company.lock(through: Day("2026-11-30"))
            #expect(try await bench.json(.get, "settings/lockedperiod").text("LockedPeriod.EndDate") == "2026-11-30")
        }
    }

    @Test func anUnfinishedInvoiceCannotBeBooked() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            _ = try await bench.invoice(#""NotCompleted":true"#)
            #expect(try await bench.refusal(.put, "invoices/1/bookkeep") == "400 2003498")
        }
    }

    // MARK: Credit

    @Test func aCreditIsAnsweredByTheOriginalAndPaysItWhenItIsBooked() async throws {
        try await Self.booked { bench in
            let answer = try await bench.json(.put, "invoices/1/credit")
            let credit = try await bench.json(.get, "invoices/2")
            #expect(answer.text("Invoice.DocumentNumber") == "1")
            #expect(answer.text("Invoice.Credit") == "false")
            #expect(answer.text("Invoice.CreditInvoiceReference") == "2")
            #expect(credit["Invoice"]?["Credit"] == "true")
            #expect(credit.text("Invoice.CreditInvoiceReference") == "1")
            #expect(credit.text("Invoice.Total") == "-305.69")
            #expect(credit.text("Invoice.InvoiceRows.0.DeliveredQuantity") == "-2")
            #expect(credit["Invoice"]?["Booked"] == false)
            #expect(try await bench.refusal(.put, "invoices/1/credit") == "400 9000033")

            _ = try await bench.json(.put, "invoices/2/bookkeep")
            let original = try await bench.json(.get, "invoices/1")
            #expect(original.text("Invoice.Balance") == "0")
            #expect(original.text("Invoice.FinalPayDate") == "2026-11-20")
            #expect(
                bench.rows(at: 1) == ["1510 C 305.69", "3001 D 158.4", "3002 D 96.15", "2611 D 39.6", "2621 D 11.54"])
            #expect(!bench.company.books.balances.values.contains { !$0.isZero })
        }
    }

    @Test func anInvoiceThatIsNotBookedCannotBeCredited() async throws {
        try await Bench.open { bench in
            try await bench.customer()
            _ = try await bench.invoice()
            #expect(try await bench.refusal(.put, "invoices/1/credit") == "400 9000032")
        }
    }

    @Test func anInvoiceOfNegativeQuantitiesCreditsAPart() async throws {
        try await Self.booked { bench in
            let back = #"{"ArticleNumber":"MUG-001","DeliveredQuantity":"-1","Price":79.20,"VAT":25}"#
            let credit = try await bench.invoice(#""CreditInvoiceReference":"1""#, rows: [back], key: "shop:r1")
            let alone = try await bench.invoice(rows: [back], key: "shop:r2")
            _ = try await bench.json(.put, "invoices/2/bookkeep")
            let original = try await bench.json(.get, "invoices/1")
            #expect(credit["Total"]?.text == "-99")
            #expect(credit["Credit"] == "true")
            #expect(alone["Credit"] == "false")
            #expect(original.text("Invoice.Balance") == "206.69")
            #expect(bench.company.books.invoices[1].creditOf == 1)
        }
    }

    // MARK: Payments

    @Test func theSamePaymentTwiceIsTwoPaymentsUntilTheInvoiceIsPaid() async throws {
        try await Self.booked { bench in
            for _ in 1...3 { _ = try await Self.pay(bench, #""Amount":305.69,"ModeOfPayment":"BG""#) }
            let unpaid = try await bench.json(.get, "invoices/1")
            #expect(unpaid.text("Invoice.Balance") == "305.69")
            let list = try await bench.json(.get, "invoicepayments?invoicenumber=1")
            #expect(list["InvoicePayments"]?.array?.count == 3)

            _ = try await bench.json(.put, "invoicepayments/1/bookkeep")
            let paid = try await bench.json(.get, "invoices/1")
            #expect(paid.text("Invoice.Balance") == "0")
            #expect(paid.text("Invoice.FinalPayDate") == "2026-11-20")
            #expect(bench.rows("INVOICEPAYMENT") == ["1930 D 305.69", "1510 C 305.69"])
            #expect(try await bench.refusal(.put, "invoicepayments/2/bookkeep") == "400 2003055")
            let late = #"{"InvoicePayment":{"InvoiceNumber":1,"Amount":1}}"#
            #expect(try await bench.refusal(.post, "invoicepayments", late) == "400 2003055")
            #expect(try await bench.json(.get, "invoices?filter=fullypaid")["Invoices"]?.array?.count == 1)
        }
    }

    @Test func aFeeIsWrittenOffBesideTheMoneyThatCame() async throws {
        try await Self.booked { bench in
            let payment = try await Self.pay(
                bench,
                #""Amount":300,"ModeOfPayment":"KORT","WriteOffs":[{"Amount":5.69,"AccountNumber":6064}]"#)
            _ = try await bench.json(.put, "invoicepayments/1/bookkeep")
            #expect(payment.text("InvoicePayment.WriteOffs.0.Amount") == "5.69")
            #expect(payment.text("InvoicePayment.ModeOfPaymentAccount") == "1580")
            #expect(bench.rows("INVOICEPAYMENT") == ["1580 D 300", "6064 D 5.69", "1510 C 305.69"])
            #expect(bench.company.books.invoices[0].balance.isZero)
        }
    }

    @Test func anotherRateOfExchangeIsAGainOrALoss() async throws {
        try await Self.booked(#""Currency":"EUR","CurrencyRate":11"#) { bench in
            _ = try await Self.pay(
                bench, #""Amount":3400,"AmountCurrency":305.69,"Currency":"EUR","ModeOfPayment":"BG""#)
            _ = try await bench.json(.put, "invoicepayments/1/bookkeep")
            #expect(bench.rows().first == "1510 D 3362.59")
            #expect(bench.rows("INVOICEPAYMENT") == ["1930 D 3400", "1510 C 3362.59", "3960 C 37.41"])
            #expect(bench.company.books.balances[1510]?.isZero == true)
        }
    }

    @Test(arguments: [
        (#""Amount":10,"PaymentDate":"2026-11-19""#, "400 9000042"), (#""Amount":10,"Currency":"EUR""#, "400 9000043"),
        (#""ModeOfPayment":"BG""#, "400 9000044"), (#""Amount":10,"ModeOfPayment":"ÄGG""#, "400 9000045"),
        (#""Amount":10,"WriteOffs":[{"Amount":1,"AccountNumber":1}]"#, "400 2001304"),
    ])
    func aPaymentThatDoesNotFitIsRefused(_ fields: String, _ refusal: String) async throws {
        try await Self.booked { bench in
            let body = #"{"InvoicePayment":{"InvoiceNumber":1,\#(fields)}}"#
            let found = try await bench.refusal(.post, "invoicepayments", body)
            #expect(found == refusal)
        }
    }

    @Test func onlyAPaymentThatIsNotBookedCanBeChangedOrDeleted() async throws {
        try await Self.booked { bench in
            _ = try await Self.pay(bench, #""Amount":10"#)
            let changed = try await bench.json(.put, "invoicepayments/1", #"{"InvoicePayment":{"Amount":20}}"#)
            #expect(changed.text("InvoicePayment.AmountCurrency") == "20")
            _ = try await bench.json(.put, "invoicepayments/1/bookkeep")
            #expect(try await bench.refusal(.delete, "invoicepayments/1") == "400 9000041")
            #expect(
                try await bench.refusal(.put, "invoicepayments/1", #"{"InvoicePayment":{"Amount":1}}"#) == "400 9000041"
            )
            _ = try await Self.pay(bench, #""Amount":10"#)
            #expect(try await bench.send(.delete, "invoicepayments/2").status == 204)
            #expect(try await bench.refusal(.get, "invoicepayments/2") == "404 9000040")
            #expect(bench.company.books.invoices[0].balance == ExactDecimal(units: 28_569, decimals: 2))
        }
    }

    @Test func inACashMethodYearRevenueIsBookedWhenItIsPaid() async throws {
        var settings = Bench.settings
        settings.financialYears = [
            .init(from: try #require(Day("2026-01-01")), to: try #require(Day("2026-12-31")), method: .cash)
        ]
        try await Self.booked("", settings) { bench in
            let invoice = try await bench.json(.get, "invoices/1")
            #expect(invoice.text("Invoice.AccountingMethod") == "CASH")
            #expect(invoice["Invoice"]?["Booked"] == true)
            #expect(invoice["Invoice"]?["VoucherNumber"] == .null)
            #expect(bench.company.books.vouchers.isEmpty)
            for amount in ["100", "205.69"] { _ = try await Self.pay(bench, #""Amount":\#(amount)"#) }
            for number in 1...2 { _ = try await bench.json(.put, "invoicepayments/\(number)/bookkeep") }
            let balances = bench.company.books.balances.filter { !$0.value.isZero }.mapValues(\.description)
            #expect(
                balances == [1930: "305.69", 3001: "-158.4", 3002: "-96.15", 2611: "-39.6", 2621: "-11.54"])
        }
    }

    // MARK: Vouchers

    private static func voucher(_ rows: String, date: String = "2026-11-20") -> String {
        #"{"Voucher":{"Description":"Utbetalning","Comments":"po_1","VoucherSeries":"A","TransactionDate":"\#(date)","#
            + #""VoucherRows":[\#(rows)]}}"#
    }

    @Test func aVoucherByHandMustBalanceAndIsNumberedInItsSeriesAndYear() async throws {
        try await Bench.open { bench in
            let good = #"{"Account":1930,"Debit":98},{"Account":6064,"Debit":2},{"Account":1580,"Credit":100}"#
            let first = try await bench.json(.post, "vouchers", Self.voucher(good))
            let second = try await bench.json(.post, "vouchers", Self.voucher(good))
            let other = try await bench.json(.post, "vouchers", Self.voucher(good, date: "2025-12-31"))
            #expect(first["Voucher"]?["VoucherNumber"] == 1)
            #expect(second["Voucher"]?["VoucherNumber"] == 2)
            #expect(other["Voucher"]?["VoucherNumber"] == 1)
            #expect(other["Voucher"]?["Year"] == 1)
            let bad = #"{"Account":1930,"Debit":98},{"Account":1580,"Credit":100}"#
            #expect(try await bench.refusal(.post, "vouchers", Self.voucher(bad)) == "400 9000051")
            #expect(try await bench.refusal(.post, "vouchers", Self.voucher("")) == "400 9000051")

            let list = try await bench.json(.get, "vouchers/sublist/A?financialyear=2&fromdate=2026-11-20")
            #expect(list["Vouchers"]?.array?.compactMap { $0["VoucherNumber"]?.int } == [1, 2])
            #expect(list["Vouchers"]?[0]?["Comments"] == "po_1")
            #expect(list["Vouchers"]?[0]?["VoucherRows"] == nil)
            let alone = try await bench.json(.get, "vouchers/A/1?financialyear=1")
            #expect(alone.text("Voucher.TransactionDate") == "2025-12-31")
            #expect(alone.text("Voucher.VoucherRows.0.Debit") == "98")
            #expect(try await bench.refusal(.get, "vouchers?description=po_1") == "400 2000588")
        }
    }
}
