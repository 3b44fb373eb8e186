import ConnectorKit
import Domain

/// A page of a list: `{"object": "list", "data": […], "has_more": …}`, its elements not decoded.
struct StripePage: Sendable {
    let rows: [StripeRow]
    let hasMore: Bool
    /// As it came.
    let body: [UInt8]
    let began: Instant

    /// `nil` for anything that is not a whole list.
    init?(_ body: [UInt8], began: Instant) {
        let members = JSONElements.members(of: body)
        guard let data = members.first(where: { $0.name == "data" })?.range,
            let more = members.first(where: { $0.name == "has_more" })?.range
        else { return nil }
        let list = Array(body[data])
        guard let elements = try? JSONElements.split(list) else { return nil }
        switch String(decoding: body[more].prefix { $0 > 0x20 }, as: UTF8.self) {
        case "true": hasMore = true
        case "false": hasMore = false
        default: return nil
        }
        rows = elements.map { StripeRow(list[$0.range]) }
        self.body = body
        self.began = began
    }
}

/// One element of a list with what can be told of it without decoding it.
struct StripeRow: Hashable, Sendable {
    /// `nil` when not even that can be read.
    let id: String?
    /// In seconds since 1970.
    let created: Int64?
    let payload: [UInt8]

    init(_ payload: ArraySlice<UInt8>) {
        self.payload = Array(payload)
        let texts = JSONElements.texts(of: ["id", "created"], in: payload)
        id = texts["id"].flatMap { StripeID.isOne($0) ? $0 : nil }
        created = texts["created"].flatMap { Int64($0) }.flatMap { Instant.stripeRange.contains($0) ? $0 : nil }
    }
}

enum StripeID {
    /// Whether a text can be an id: `po_1PgaxNB7WZ01zgkWEV3TLf40`. Ids become parts of addresses.
    static func isOne(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 255
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || $0 == 0x5F }
    }

    /// Of a reference, which is an id or, written out, the object that has it.
    static func of(_ value: JSONValue?) -> String? {
        let text = value?.string ?? value?["id"]?.string
        return text.flatMap { isOne($0) ? $0 : nil }
    }
}

/// The body of an error answer: `{"error": {"type": …, "code": …, "param": …, "message": …}}`.
struct StripeErrorBody: Sendable {
    /// Stripe itself wrote it, and nothing that stands before it.
    let isStripes: Bool
    /// Letters, digits, underscores and brackets; anything else is not shown to people.
    let code: String?
    let parameter: String?
    /// Names parts of the key and the account: never shown.
    let message: String

    init(_ body: [UInt8]) {
        let error = (try? JSONReader.decode(body))?["error"]
        isStripes = error?["type"]?.string != nil
        code = error?["code"]?.string.flatMap { Self.isName($0) ? $0 : nil }
        parameter = error?["param"]?.string.flatMap { Self.isName($0) ? $0 : nil }
        message = error?["message"]?.string ?? ""
    }

    /// The permission that a restricted key lacks, by Stripe's name: `rak_payout_read`.
    var permission: String? {
        message.split { !Self.isName(String($0)) }.first { $0.hasPrefix("rak_") && $0.utf8.count <= 60 }.map(
            String.init)
    }

    /// A key looks like one, and is none.
    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 80 && !["sk_", "rk_", "whsec_"].contains { text.hasPrefix($0) }
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0 | 0x20) || [0x5F, 0x5B, 0x5D].contains($0)
            }
    }
}

/// What a webhook brings: `{"object": "event", "type": "payout.paid", "data": {"object": {…}}}`. The payout in it is as it was
/// when the event was made, so only its id is taken.
enum StripeEvent {
    static func payoutID(_ body: [UInt8]) throws(Problem) -> String? {
        let event = try WireObject(try JSONReader.decode(body))
        guard try event.optionalText("object") == "event", try event.text("type").hasPrefix("payout.") else {
            return nil
        }
        let id = try event.object("data").object("object").text("id")
        guard StripeID.isOne(id) else { throw Problem(.recordUnreadable, "data.object.id is no id of Stripe's") }
        return id
    }
}

extension WireObject {
    /// A whole number, as Stripe writes amounts and times.
    func whole(_ key: String) throws(Problem) -> Int64 {
        let number = try decimal(key)
        guard let whole = Int64(number.description) else {
            throw Problem(.amountInvalid, "\(place(key)) is not a whole number: \(number)")
        }
        return whole
    }

    func stripeAmount(_ key: String, _ currency: Currency) throws(Problem) -> Money {
        try StripeAmount.money(try whole(key), currency, place(key))
    }

    func stripeTime(_ key: String) throws(Problem) -> Instant {
        let seconds = try whole(key)
        guard Instant.stripeRange.contains(seconds) else {
            throw Problem(.recordUnreadable, "\(place(key)) is not a time: \(seconds)")
        }
        return Instant(stripe: seconds)
    }

    /// Stripe writes currencies in small letters.
    func stripeCurrency(_ key: String) throws(Problem) -> Currency {
        let code = try text(key)
        guard let currency = Currency(code: code.uppercased()) else {
            throw Problem(.currencyUnknown, "\(place(key)) is \"\(code.prefix(10))\"")
        }
        return currency
    }
}

extension Instant {
    /// From 1970 to the end of the year 9999, in seconds.
    static let stripeRange: ClosedRange<Int64> = 0...253_402_300_799

    /// From a time in seconds, within `stripeRange`.
    init(stripe seconds: Int64) { self.init(milliseconds: seconds * 1000) }
}

/// Amounts as Stripe counts them: whole numbers of what it takes for the smallest unit of a currency.
enum StripeAmount {
    /// Where that is not the smallest unit by ISO 4217: what lost its decimals is still counted in hundredths, and what Stripe
    /// takes for whole has decimals.
    private static let own = ["ISK": 2, "MGA": 0, "UGX": 2]

    static func decimals(of currency: Currency) -> Int { own[currency.code] ?? currency.decimals }

    /// - Throws: `AMOUNT_INVALID` or `AMOUNT_DOES_NOT_FIT_CURRENCY` with the amount's place.
    static func money(_ units: Int64, _ currency: Currency, _ place: String) throws(Problem) -> Money {
        let amount = ExactDecimal(units: units, decimals: decimals(of: currency))
        do throws(AmountError) {
            return try Money(amount.description, currency)
        } catch .doesNotFit {
            throw Problem(
                .amountDoesNotFitCurrency,
                "\(place) is \(amount), but \(currency.code) has \(currency.decimals) decimals"
            )
        } catch {
            throw Problem(.amountInvalid, "\(place) is too large: \(units)")
        }
    }
}
