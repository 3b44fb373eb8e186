import ConnectorKit
import Domain
import Foundation

/// Tryton's JSON shapes, written. No amount, price or quantity ever passes through a binary float: decimals go as text, and
/// quantities, which Tryton wants as JSON numbers, are written digit for digit.
enum TrytonWire {
    /// `{"__class__":"Decimal","decimal":"36.5"}`.
    static func decimal(_ number: ExactDecimal) -> JSONValue {
        ["__class__": "Decimal", "decimal": .string(number.description)]
    }

    static func decimal(_ amount: Money) -> JSONValue {
        ["__class__": "Decimal", "decimal": .string(amount.amountText)]
    }

    /// `{"__class__":"bytes","base64":"AA=="}`.
    static func bytes(_ bytes: [UInt8]) -> JSONValue {
        ["__class__": "bytes", "base64": .string(Data(bytes).base64EncodedString())]
    }

    /// `{"__class__":"date","year":2026,"month":11,"day":20}`.
    static func date(_ day: Day) -> JSONValue {
        [
            "__class__": "date", "year": .number(ExactDecimal(day.year)), "month": .number(ExactDecimal(day.month)),
            "day": .number(ExactDecimal(day.day)),
        ]
    }

    static func id(_ id: Int) -> JSONValue { .number(ExactDecimal(id)) }
    static func ids(_ ids: [Int]) -> JSONValue { .array(ids.map(id)) }
    static func optional(_ text: String?) -> JSONValue { text.map { .string($0) } ?? .null }
    static func optional(_ id: Int?) -> JSONValue { id.map { Self.id($0) } ?? .null }

    /// For a one2many field: make these records with their parent.
    static func create(_ records: [JSONValue]) -> JSONValue { [["create", .array(records)]] }

    /// For a many2many field: tie these records to it.
    static func add(_ ids: [Int]) -> JSONValue { ids.isEmpty ? [] : [["add", Self.ids(ids)]] }

    /// A request's body. Exactly the keys id, method and params: with any other set Tryton answers errors as web pages.
    static func body(_ method: String, _ params: [JSONValue]) throws(TrytonFailure) -> [UInt8] {
        let request: JSONValue = ["id": 1, "method": .string(method), "params": .array(params)]
        do {
            return [UInt8](try JSONEncoder().encode(request))
        } catch {
            throw .refused(TrytonRefusal(Problem(.internalError, "a request could not be written as JSON")))
        }
    }
}

/// One record as Tryton reads it out. Fields of linked records stand under the link's name and a dot.
struct TrytonRow: Hashable, Sendable {
    let members: [String: JSONValue]

    init?(_ value: JSONValue) {
        guard case .object(let members) = value else { return nil }
        self.members = members
    }

    /// The record's own id.
    ///
    /// - Throws: `unknown` when the answer holds none: then it is no record.
    func id() throws(TrytonFailure) -> Int {
        guard let id = members["id"]?.int else { throw .unreadable("a record without id") }
        return id
    }

    func link(_ key: String) -> Int? { members[key]?.int }
    func text(_ key: String) -> String? { members[key]?.string }
    func flag(_ key: String) -> Bool { members[key]?.bool ?? false }
    func ids(_ key: String) -> [Int] { members[key]?.array?.compactMap(\.int) ?? [] }
    func row(_ key: String) -> TrytonRow? { members["\(key)."].flatMap { TrytonRow($0) } }
    func rows(_ key: String) -> [TrytonRow] { members["\(key)."]?.array?.compactMap { TrytonRow($0) } ?? [] }

    func decimal(_ key: String) -> ExactDecimal? {
        guard let value = members[key] else { return nil }
        return value["decimal"]?.string.flatMap { ExactDecimal($0) } ?? value.number
    }

    /// `nil` for no amount and for one that its currency cannot hold.
    func money(_ key: String, _ currency: Currency) -> Money? {
        decimal(key).flatMap { try? Money($0.description, currency) }
    }

    func day(_ key: String) -> Day? {
        guard let value = members[key], let year = value["year"]?.int, let month = value["month"]?.int,
            let day = value["day"]?.int
        else { return nil }
        return Day("\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))")
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
