public import Domain

/// The `Retry-After` header: seconds, or a date as in `Wed, 21 Oct 2015 07:28:00 GMT` (RFC 9110, 10.2.3).
public enum RetryAfter {
    /// The longest wish that is heeded: a date far away, by mistake or malice, must not stop everything for years.
    static let longest = Duration.seconds(86_400)

    /// How long to wait from `now`; `nil` for a text of neither form. A date that has passed is no wait.
    public static func duration(_ text: String, now: Instant) -> Duration? {
        let trimmed = text.filter { $0 != " " || text.contains(",") }
        if let seconds = Int64(trimmed), seconds >= 0 { return min(.seconds(min(seconds, 86_400)), longest) }
        guard let date = date(text) else { return nil }
        return min(max(.zero, date - now), longest)
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static func date(_ text: String) -> Instant? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else {
            return nil
        }
        let padded = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Instant(iso8601: "\(parts[3])-\(padded)-\(parts[1])T\(parts[4])Z")
    }
}

extension HTTPReply {
    /// What the other side asked to wait, counted from `now`.
    public func retryAfter(now: Instant) -> Duration? {
        header("Retry-After").flatMap { RetryAfter.duration($0, now: now) }
    }
}
