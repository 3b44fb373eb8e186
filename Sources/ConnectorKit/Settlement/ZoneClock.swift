import Domain
import Foundation

/// Turns times of a place into points in time. What the calendar says of a day is asked once: files hold many rows of a day.
struct ZoneClock: Sendable {
    private let zone: TimeZone
    /// By day; `nil` for days near a change of the clocks, when each time is looked up.
    private var offsets: [Int: Int?] = [:]

    init(_ zone: TimeZone) { self.zone = zone }

    /// A time that the clocks skipped or showed twice is taken as of before the change.
    mutating func instant(_ time: WallTime) -> Instant {
        if let offset = time.offset { return Self.instant(time, offset) }
        let day = time.dayNumber
        let known: Int?
        if let found = offsets[day] {
            known = found
        } else {
            let before = offset(atUTC: (day - 1) * 86_400)
            known = before == offset(atUTC: (day + 2) * 86_400) ? before : nil
            offsets[day] = .some(known)
        }
        return Self.instant(time, known ?? lookedUp(time))
    }

    private static func instant(_ time: WallTime, _ offset: Int) -> Instant {
        Instant(milliseconds: time.localMilliseconds - Int64(offset) * 1000)
    }

    private func lookedUp(_ time: WallTime) -> Int {
        let local = Int(time.localMilliseconds / 1000)
        let before = offset(atUTC: local - 86_400)
        if offset(atUTC: local - before) == before { return before }
        let after = offset(atUTC: local + 86_400)
        return offset(atUTC: local - after) == after ? after : before
    }

    private func offset(atUTC seconds: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
    }
}

/// Zones as reports name them.
enum ZoneText {
    /// By IANA name, abbreviation or offset; `nil` for what is none. Abbreviations of summer time are offsets. Those of standard
    /// time are places: some reports write `CET` the whole year round.
    static func zone(_ text: String) -> TimeZone? {
        let word = text.filter { $0 != " " }
        if word.isEmpty { return nil }
        if let hours = summer[word.uppercased()] { return TimeZone(secondsFromGMT: hours * 3600) }
        if let place = standard[word.uppercased()] { return TimeZone(identifier: place) }
        var cursor = TextCursor(word)
        var offset: Int?
        if cursor.readOffset(&offset), cursor.isAtEnd, let offset {
            return TimeZone(secondsFromGMT: offset)
        }
        return word.contains("/") ? TimeZone(identifier: word) : nil
    }

    private static let summer: [String: Int] = [
        "BST": 1, "WEST": 1, "CEST": 2, "EEST": 3, "ADT": -3, "EDT": -4, "CDT": -5, "MDT": -6,
        "PDT": -7,
        "AKDT": -8, "AEDT": 11, "NZDT": 13,
    ]

    private static let standard: [String: String] = [
        "WET": "Europe/Lisbon", "CET": "Europe/Paris", "EET": "Europe/Helsinki", "MSK": "Europe/Moscow",
        "AST": "America/Halifax", "EST": "America/New_York", "CST": "America/Chicago",
        "MST": "America/Denver",
        "PST": "America/Los_Angeles", "AKST": "America/Anchorage", "HST": "Pacific/Honolulu",
        "BRT": "America/Sao_Paulo", "JST": "Asia/Tokyo", "KST": "Asia/Seoul", "HKT": "Asia/Hong_Kong",
        "SGT": "Asia/Singapore", "AWST": "Australia/Perth", "ACST": "Australia/Adelaide",
        "AEST": "Australia/Sydney", "NZST": "Pacific/Auckland",
    ]
}
