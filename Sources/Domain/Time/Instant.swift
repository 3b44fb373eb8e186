import Foundation

/// A point in time, in whole milliseconds since 1970 UTC.
public struct Instant: Hashable, Sendable, Comparable {
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// Reads `2026-11-23T05:40:26[.123][Z|±hh:mm]`; a time without an offset is UTC.
    public init?(iso8601 text: some StringProtocol) {
        let text = String(text)
        let hasOffset = text.hasSuffix("Z") || text.dropFirst(10).contains { $0 == "+" || $0 == "-" }
        let complete = hasOffset ? text : text + "Z"
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        guard let date = try? style.parse(complete) else { return nil }
        milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    }

    public static let distantPast = Instant(milliseconds: 0)

    public static func < (left: Self, right: Self) -> Bool { left.milliseconds < right.milliseconds }

    public func advanced(by duration: Duration) -> Self { Self(milliseconds: milliseconds + duration.milliseconds) }
    public static func + (instant: Self, duration: Duration) -> Self { instant.advanced(by: duration) }
    public static func - (instant: Self, duration: Duration) -> Self { instant.advanced(by: .zero - duration) }
    public static func - (left: Self, right: Self) -> Duration { .milliseconds(left.milliseconds - right.milliseconds) }

    /// `2026-11-23T05:40:26Z`, whole seconds.
    public var iso8601: String { Date(timeIntervalSince1970: Double(milliseconds / 1000)).formatted(.iso8601) }

    /// The calendar day of this instant in the merchant's time zone (rule R13).
    public func day(in zone: TimeZoneName) -> Day {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone.timeZone
        let parts = calendar.dateComponents(
            [.year, .month, .day], from: Date(timeIntervalSince1970: Double(milliseconds) / 1000))
        return Day(unchecked: parts.year ?? 1970, parts.month ?? 1, parts.day ?? 1)
    }
}

extension Instant: CustomStringConvertible {
    public var description: String { iso8601 }
}

extension Instant: Codable {
    public init(from decoder: any Decoder) throws {
        milliseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}

extension Duration {
    public var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
