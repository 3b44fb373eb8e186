public import Domain

/// A JSON object of an outside system with its place in the record, so that whatever is wrong in it is told by name.
public struct WireObject: Sendable {
    public let members: [String: JSONValue]
    /// `line_items.0`; empty for the record itself.
    public let path: String

    /// - Throws: `RECORD_UNREADABLE` when the value is no object.
    public init(_ value: JSONValue, path: String = "") throws(Problem) {
        guard case .object(let members) = value else {
            throw Problem(.recordUnreadable, "\(path.isEmpty ? "the record" : path) is not an object")
        }
        self.members = members
        self.path = path
    }

    public func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func present(_ key: String) -> JSONValue? {
        guard let value = members[key], !value.isNull else { return nil }
        return value
    }

    private func missing(_ key: String, _ expected: String) -> Problem {
        Problem(.recordUnreadable, "\(place(key)) is missing or not \(expected)")
    }

    // MARK: Text

    /// A text, or a number or flag as text.
    public func text(_ key: String) throws(Problem) -> String {
        guard let text = present(key)?.text else { throw missing(key, "a text") }
        return text
    }

    /// `nil` for null, for nothing and for the empty text, which many systems use for nothing.
    public func optionalText(_ key: String) throws(Problem) -> String? {
        guard present(key) != nil else { return nil }
        let text = try text(key)
        return text.isEmpty ? nil : text
    }

    public func flag(_ key: String) throws(Problem) -> Bool {
        guard let flag = present(key)?.bool else { throw missing(key, "true or false") }
        return flag
    }

    // MARK: Numbers

    /// An amount as text or number.
    ///
    /// - Throws: `AMOUNT_INVALID` or `AMOUNT_DOES_NOT_FIT_CURRENCY` with the field's place.
    public func amount(_ key: String, _ currency: Currency) throws(Problem) -> Money {
        let text = try text(key)
        do throws(AmountError) {
            return try Money(text, currency)
        } catch {
            switch error {
            case .notANumber(let text): throw Problem(.amountInvalid, "\(place(key)) is not a number: \"\(text)\"")
            case .tooLarge(let text): throw Problem(.amountInvalid, "\(place(key)) is too large: \(text)")
            case .doesNotFit(let text, let currency):
                throw Problem(
                    .amountDoesNotFitCurrency,
                    "\(place(key)) is \(text), but \(currency.code) has \(currency.decimals) decimals")
            }
        }
    }

    /// An exact number as text or number, of any length that can be held digit for digit.
    public func decimal(_ key: String) throws(Problem) -> ExactDecimal {
        if let number = present(key)?.number { return number }
        let text = try text(key)
        guard let number = JSONReader.number(text) else {
            throw Problem(.amountInvalid, "\(place(key)) is not a number: \"\(text.prefix(40))\"")
        }
        return number
    }

    // MARK: Time

    /// A point in time; one without an offset is UTC.
    public func instant(_ key: String) throws(Problem) -> Instant {
        guard let instant = try optionalInstant(key) else { throw missing(key, "a time") }
        return instant
    }

    public func optionalInstant(_ key: String) throws(Problem) -> Instant? {
        guard let text = try optionalText(key) else { return nil }
        guard let instant = Instant(iso8601: text) else { throw missing(key, "a time") }
        return instant
    }

    // MARK: Structure

    public func object(_ key: String) throws(Problem) -> WireObject {
        guard let value = present(key) else { throw missing(key, "an object") }
        return try WireObject(value, path: place(key))
    }

    /// A list of objects; nothing and null are the empty list. PHP writes a list with gaps as an object: then its values
    /// in the order of their keys.
    public func objects(_ key: String) throws(Problem) -> [WireObject] {
        let values: [JSONValue]
        switch members[key] {
        case nil, .null: return []
        case .array(let elements): values = elements
        case .object(let members): values = members.sorted { Self.precedes($0.key, $1.key) }.map(\.value)
        default: throw missing(key, "a list")
        }
        var objects: [WireObject] = []
        for (index, value) in values.enumerated() {
            objects.append(try WireObject(value, path: "\(place(key)).\(index)"))
        }
        return objects
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        if let left = Int(left), let right = Int(right) { return left < right }
        return left < right
    }
}
