import Domain
import Sandbox

/// Compares what the books hold with what the shop's trade comes to, worked out apart: order by order, and by currency to the
/// minor unit. Pure.
struct DemoReckoning {
    struct Line: Equatable {
        let currency: String
        let count: Int
        let total: ExactDecimal
        let expectedCount: Int
        let expectedTotal: ExactDecimal
        var isEqual: Bool { count == expectedCount && total == expectedTotal }
    }

    let lines: [Line]
    /// What is not as it should be; empty when the books are right.
    let differences: [String]

    /// `truth` by the shop's order number; `orders` are those to compare.
    init(_ books: FortnoxSandbox.Books, _ truth: [String: TradeTruth.Order], integration: String) {
        var differences: [String] = []
        let standing = books.invoices.filter { !$0.isCancelled }
        let invoices = Dictionary(grouping: standing.filter { !$0.isCredit }, by: \.reference)
        let credits = Dictionary(grouping: standing.filter(\.isCredit)) { $0.creditOf ?? 0 }
        var sums: [String: (count: Int, total: ExactDecimal)] = [:]
        var expected: [String: (count: Int, total: ExactDecimal)] = [:]
        for (number, order) in truth.sorted(by: { $0.key < $1.key }) {
            let found = invoices["\(integration)/order-\(number)/invoice/1"] ?? []
            let notes = found.first.flatMap { credits[$0.number] } ?? []
            for document in found + notes where document.isBooked {
                let sum = sums[document.currency] ?? (0, .zero)
                sums[document.currency] = (sum.count + 1, sum.total + document.total)
            }
            if order.outcome.isBooked {
                let sum = expected[order.currency] ?? (0, .zero)
                let refunds = order.refunds.filter { $0 > 0 }
                expected[order.currency] = (
                    sum.count + 1 + refunds.count, sum.total + Self.units(order.total - refunds.reduce(0, +))
                )
            }
            differences += Self.differences(number, order, found)
            differences += Self.differences(number, order, found.first, credits: notes)
        }
        let known = Set(truth.keys.map { "\(integration)/order-\($0)/invoice/1" })
        differences += invoices.keys.filter { !known.contains($0) }.sorted().map { "an invoice of nobody's: \($0)" }
        let numbers = Set(books.invoices.filter { known.contains($0.reference) }.map(\.number))
        differences += credits.keys.filter { !numbers.contains($0) }.sorted().map { "a credit note of nobody's: \($0)" }
        if !books.areBalanced { differences.append("debit and credit differ") }
        self.differences = differences
        lines = Set(sums.keys).union(expected.keys).sorted().map { currency in
            let (sum, wanted) = (sums[currency] ?? (0, .zero), expected[currency] ?? (0, .zero))
            return Line(
                currency: currency, count: sum.count, total: sum.total, expectedCount: wanted.count,
                expectedTotal: wanted.total)
        }
    }

    private static func differences(
        _ number: String, _ order: TradeTruth.Order, _ found: [FortnoxSandbox.Books.Invoice]
    ) -> [String] {
        guard order.outcome.isBooked else {
            return found.isEmpty ? [] : ["order \(number) has an invoice and should have none"]
        }
        guard let invoice = found.first, found.count == 1 else {
            return ["order \(number) has \(found.count) invoices instead of 1"]
        }
        var differences: [String] = []
        func compare(_ what: String, _ booked: ExactDecimal, _ expected: ExactDecimal) {
            if booked != expected { differences.append("order \(number): \(what) \(booked) instead of \(expected)") }
        }
        if !invoice.isBooked { differences.append("order \(number): its invoice is not booked") }
        if invoice.currency != order.currency { differences.append("order \(number): currency \(invoice.currency)") }
        compare("total", invoice.total, units(order.total))
        // Fortnox computes VAT per rate from the sum of the net amounts. What the shop's line by line is more or less
        // stands in a line of its own, outside VAT.
        var rounding = invoice.net
        for (rate, net) in netByRate(order) {
            let percent = ExactDecimal(units: Int64(rate), decimals: 2)
            compare("VAT of \(percent) %", invoice.vat[percent] ?? .zero, vat(net, rate))
            rounding = rounding - units(net)
        }
        let shops = order.vat.values.map(\.vat).reduce(0, +)
        let fortnoxs = invoice.vat.values.reduce(ExactDecimal.zero, +)
        compare("rounding", rounding, units(shops) - fortnoxs)
        return differences
    }

    /// One credit note for each refund, of its amount, and never more VAT of a rate than the invoice has.
    private static func differences(
        _ number: String, _ order: TradeTruth.Order, _ invoice: FortnoxSandbox.Books.Invoice?,
        credits: [FortnoxSandbox.Books.Invoice]
    ) -> [String] {
        let given = credits.map { -$0.total }.sorted()
        let refunds = (order.outcome.isBooked ? order.refunds : []).filter { $0 > 0 }.map(units).sorted()
        var differences = given == refunds ? [] : ["order \(number): credit notes of \(given), refunds of \(refunds)"]
        differences += credits.filter { !$0.isBooked }.map { "order \(number): credit note \($0.number) is not booked" }
        for (rate, vat) in invoice?.vat ?? [:] {
            let credited = credits.map { $0.vat[rate] ?? .zero }.reduce(.zero, +)
            // Fortnox rounds the VAT of each document by itself: half a cent for each of them.
            if vat + credited < -units(credits.count) {
                differences.append("order \(number): too much VAT of \(rate) % credited")
            }
        }
        return differences
    }

    private static func netByRate(_ order: TradeTruth.Order) -> [Int: Int] {
        order.vat.reduce(into: [:]) { nets, entry in nets[entry.key.rate, default: 0] += entry.value.net }
    }

    /// A half goes away from zero.
    private static func vat(_ net: Int, _ rate: Int) -> ExactDecimal {
        let exact = net.magnitude * rate.magnitude
        let rounded = Int((exact + 5000) / 10_000)
        return units(net < 0 ? -rounded : rounded)
    }

    private static func units(_ minor: Int) -> ExactDecimal { ExactDecimal(units: Int64(minor), decimals: 2) }
}

extension DemoReckoning {
    /// Says what the books of a world hold beside its trade.
    ///
    /// - Throws: `ExitStatus.attention` when they differ.
    static func tell(_ world: DemoWorld, integration: String) throws {
        let books = world.fortnox.books
        let reckoning = DemoReckoning(books, world.trade.truthByNumber, integration: integration)
        Output.line("The books beside the trade, worked out apart from the orders themselves:\n")
        for line in reckoning.lines {
            let verdict = line.isEqual ? "equal" : "NOT EQUAL"
            Output.line(
                "  \(line.currency)  \(line.count) invoices, \(line.total)  ·  trade \(line.expectedCount), "
                    + "\(line.expectedTotal)  ·  \(verdict)")
        }
        for text in reckoning.differences { Output.line("  \(text)") }
        Output.line(
            "\n\(world.fortnox.requests) calls to Fortnox, \(world.fortnox.refusedForRate) of them one too many. "
                + "Debit and credit \(books.areBalanced ? "balance" : "DIFFER").")
        guard reckoning.differences.isEmpty, reckoning.lines.allSatisfy(\.isEqual) else { throw ExitStatus.attention }
    }
}
