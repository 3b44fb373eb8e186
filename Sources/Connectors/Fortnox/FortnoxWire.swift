import ConnectorKit
import Crypto
import Domain

/// One record of Fortnox under Fortnox's names.
struct FortnoxRow: Hashable, Sendable {
    let members: [String: JSONValue]

    init?(_ value: JSONValue?) {
        guard case .object(let members) = value else { return nil }
        self.members = members
    }

    /// `nil` for null and for the empty text, which Fortnox mixes.
    func text(_ key: String) -> String? { members[key]?.text.flatMap { $0.isEmpty ? nil : $0 } }

    /// A number that Fortnox writes as number or text.
    func decimal(_ key: String) -> ExactDecimal? {
        members[key].flatMap { $0.number ?? $0.string.flatMap { ExactDecimal($0) } }
    }

    /// Fortnox says flags as true or as `"true"`.
    func flag(_ key: String) -> Bool { members[key]?.bool ?? (members[key]?.string == "true") }

    func day(_ key: String) -> Day? { text(key).flatMap { Day($0) } }

    /// The number of another document; Fortnox writes none as `"0"`.
    func reference(_ key: String) -> String? { text(key).flatMap { $0 == "0" ? nil : $0 } }

    func amount(_ key: String, _ currency: Currency) -> Money? {
        decimal(key).flatMap { try? Money($0.description, currency) }
    }

    func rows(_ key: String) -> [FortnoxRow] { (members[key]?.array ?? []).compactMap { FortnoxRow($0) } }
}

/// The ERP's tax as settings name it for Fortnox: VAT in per cent and the account of the revenue, `25@3001`.
struct FortnoxTax: Hashable, Sendable, CustomStringConvertible {
    let percent: ExactDecimal
    let account: Int

    init(percent: ExactDecimal, account: Int) {
        self.percent = percent
        self.account = account
    }

    init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let percent = ExactDecimal(parts[0]), !percent.isNegative, parts[1].count == 4,
            parts[1].allSatisfy({ $0.isASCII && $0.isNumber }), let account = Int(parts[1])
        else { return nil }
        self.init(percent: percent, account: account)
    }

    var description: String { "\(percent)@\(account)" }
}

extension FortnoxRow {
    /// What the parts of an order or invoice hold, for noticing edits.
    func parts(rows name: String) -> [DocumentPart: String] {
        let fields: [DocumentPart: [String]] = [
            .customer: ["CustomerNumber", "CustomerName", "Phone1"],
            .addresses: [
                "Address1", "Address2", "ZipCode", "City", "DeliveryName", "DeliveryAddress1", "DeliveryAddress2",
                "DeliveryZipCode", "DeliveryCity",
            ],
            .lines: ["Currency", "WayOfDelivery", "AdministrationFee", "Freight", "VATIncluded"],
            .payment: ["TermsOfPayment"],
            .texts: ["YourOrderNumber", "YourReference", "Remarks"],
        ]
        var parts = fields.mapValues { names in names.map { decimal($0)?.description ?? text($0) ?? "" } }
        let rowFields = [
            "ArticleNumber", "Description", "DeliveredQuantity", "Price", "VAT", "AccountNumber", "Discount",
        ]
        for row in rows(name) {
            parts[.lines, default: []] += rowFields.map { row.decimal($0)?.description ?? row.text($0) ?? "" }
        }
        return parts.mapValues { $0.joined(separator: "|") }
    }
}

/// Hashes in plain digits.
enum FortnoxHash {
    static func digits(of bytes: [UInt8], count: Int) -> String {
        let digits = SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return digits.prefix(count).uppercased()
    }
}

extension ExternalReference {
    /// Our key where Fortnox takes only plain signs, and few of them.
    var fortnoxDigits: String { FortnoxHash.digits(of: Array(key.utf8), count: 12) }
}

extension JSONValue {
    /// Exact digits as a JSON number.
    static func decimal(_ number: ExactDecimal) -> JSONValue { .number(number) }

    static func day(_ day: Day) -> JSONValue { .string(day.description) }

    /// Nothing is sent for nothing, so that Fortnox fills in its own.
    static func fields(_ fields: [(String, JSONValue?)]) -> JSONValue {
        .object(fields.reduce(into: [:]) { $0[$1.0] = $1.1 })
    }

    /// A text cut to what Fortnox takes; `nil` for the empty one.
    static func text(_ text: String?, atMost limit: Int = 1024) -> JSONValue? {
        guard let text, !text.isEmpty else { return nil }
        return .string(String(text.prefix(limit)))
    }
}

extension ERPDocument {
    init?(fortnoxCustomer row: FortnoxRow) {
        guard let number = row.text("CustomerNumber") else { return nil }
        let isActive = row.members["Active"]?.bool != false
        self.init(id: DocumentID(number), number: number, state: isActive ? .confirmed : .gone)
    }

    /// An order as Fortnox states it.
    init?(fortnoxOrder row: FortnoxRow) {
        guard let number = row.text("DocumentNumber") else { return nil }
        let currency = row.text("Currency").flatMap { Currency(code: $0) }
        self.init(
            id: DocumentID(number), number: number, state: row.flag("Cancelled") ? .cancelled : .confirmed,
            date: row.day("OrderDate"), customer: row.text("CustomerNumber").map { DocumentID($0) },
            total: currency.flatMap { row.amount("Total", $0) }, parts: row.parts(rows: "OrderRows"))
    }

    /// An invoice as Fortnox states it, with its rows.
    init?(fortnoxInvoice row: FortnoxRow) {
        guard let number = row.text("DocumentNumber"),
            let currency = row.text("Currency").flatMap({ Currency(code: $0) })
        else { return nil }
        let total = row.amount("Total", currency)
        let state = Self.state(row, total)
        self.init(
            id: DocumentID(number), number: number, state: state, date: row.day("InvoiceDate"),
            customer: row.text("CustomerNumber").map { DocumentID($0) }, total: total,
            taxes: FortnoxVAT(row, currency).taxes, open: state.isBooked ? row.amount("Balance", currency) : nil,
            parts: state.isBooked ? nil : row.parts(rows: "InvoiceRows"))
    }

    private static func state(_ row: FortnoxRow, _ total: Money?) -> DocumentState {
        if row.flag("Cancelled") { return .cancelled }
        guard row.flag("Booked") else { return .draft }
        let isSettled = row.decimal("Balance")?.isZero == true && total?.isZero == false
        return isSettled ? .paid : .booked
    }
}

/// The VAT of an invoice by tax. Fortnox states only the sum; which rate it is of follows from the rows, and what follows
/// is believed only if it comes to that sum.
struct FortnoxVAT {
    let taxes: [DocumentTax]

    init(_ invoice: FortnoxRow, _ currency: Currency) {
        var nets: [FortnoxTax: ExactDecimal] = [:]
        for row in invoice.rows("InvoiceRows") {
            guard let percent = row.decimal("VAT"),
                let account = row.decimal("AccountNumber").flatMap({ Int($0.description) }),
                let net = row.decimal("TotalExcludingVAT") ?? row.decimal("Total")
            else { continue }
            let tax = FortnoxTax(percent: percent, account: account)
            nets[tax] = (nets[tax] ?? .zero) + net
        }
        let stated = invoice.amount("TotalVAT", currency) ?? .zero(currency)
        let computed = nets.compactMap { tax, net -> DocumentTax? in
            let exact = net * tax.percent * ExactDecimal(units: 1, decimals: 2)
            return (try? Money(rounding: exact, currency)).map { DocumentTax(code: tax.description, amount: $0) }
        }.sorted { $0.code < $1.code }
        if computed.map(\.amount).sum(currency) == stated {
            taxes = computed
        } else {
            taxes = [DocumentTax(code: "all rates", amount: stated)]
        }
    }
}
