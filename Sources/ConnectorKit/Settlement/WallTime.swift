/// A date and time as a file writes them: of some place, not yet a point in time. Read by hand, because a file has millions.
struct WallTime: Hashable, Sendable {
    var year: Int
    var month: Int
    var day: Int
    /// Since midnight of its place.
    var milliseconds = 0
    /// From UTC in seconds, where the text says so.
    var offset: Int?

    /// Days since 1970.
    var dayNumber: Int { Self.dayNumber(year, month, day) }
    /// Of its place since 1970, as if that place were Greenwich.
    var localMilliseconds: Int64 { Int64(dayNumber) * 86_400_000 + Int64(milliseconds) }

    /// Reads a date, and the time after it if there is one; `nil` for anything else.
    init?(_ text: String, _ dates: SettlementForm.Dates) {
        var cursor = TextCursor(text)
        cursor.skipSpaces()
        switch dates {
        case .epochSeconds, .epochMilliseconds:
            guard let number = cursor.number(1...13), cursor.isAtEnd else { return nil }
            self.init(epochMilliseconds: dates == .epochSeconds ? number * 1000 : number)
        case .yearFirst, .dayFirst, .monthFirst:
            guard let date = Self.date(&cursor, dates) else { return nil }
            self = date
            if cursor.skip("T") || cursor.skip(",") || cursor.isAtSpace {
                cursor.skipSpaces()
                if !cursor.isAtEnd, !readTime(&cursor) { return nil }
            }
            guard cursor.isAtEnd else { return nil }
        }
    }

    private init?(epochMilliseconds: Int) {
        let days = epochMilliseconds / 86_400_000
        guard days < 84_000 else { return nil }
        (year, month, day) = Self.date(dayNumber: days)
        milliseconds = epochMilliseconds % 86_400_000
        offset = 0
    }

    private init(_ year: Int, _ month: Int, _ day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Adds the time from a column of its own; false for anything but a time.
    mutating func readTime(_ text: String) -> Bool {
        var cursor = TextCursor(text)
        cursor.skipSpaces()
        return cursor.isAtEnd || readTime(&cursor)
    }

    private static func date(_ cursor: inout TextCursor, _ dates: SettlementForm.Dates) -> WallTime? {
        guard let (first, digits) = cursor.numberAndDigits(1...4), let mark = cursor.skipDateMark(),
            let second = cursor.number(1...2), cursor.skip(mark),
            let (third, lastDigits) = cursor.numberAndDigits(1...4)
        else { return nil }
        let parts: (year: Int, month: Int, day: Int)
        switch (digits, lastDigits) {
        case (4, 1...2): parts = (first, second, third)
        case (1...2, 4) where dates == .dayFirst: parts = (third, second, first)
        case (1...2, 4) where dates == .monthFirst: parts = (third, first, second)
        // Two digits for a year, or the form was not declared: it would be a guess.
        default: return nil
        }
        guard (1970...2199).contains(parts.year), (1...12).contains(parts.month),
            (1...days(in: parts.month, of: parts.year)).contains(parts.day)
        else { return nil }
        return WallTime(parts.year, parts.month, parts.day)
    }

    /// `7:33`, `07:33:09.123`, `07:33 PM`, each with `Z`, `UTC`, `+0200`, `+02:00` or `+02` or nothing.
    private mutating func readTime(_ cursor: inout TextCursor) -> Bool {
        guard var hour = cursor.number(1...2), cursor.skip(":"), let minute = cursor.number(2...2)
        else { return false }
        var second = 0
        var fraction = 0
        if cursor.skip(":") {
            guard let number = cursor.number(2...2) else { return false }
            second = number
            if cursor.skip(".") {
                guard let (number, digits) = cursor.numberAndDigits(1...9) else { return false }
                fraction = digits > 3 ? number / Self.power(digits - 3) : number * Self.power(3 - digits)
            }
        }
        cursor.skipSpaces()
        let isAfternoon = cursor.skip(word: "PM")
        if isAfternoon || cursor.skip(word: "AM") {
            guard (1...12).contains(hour) else { return false }
            hour = hour % 12 + (isAfternoon ? 12 : 0)
            cursor.skipSpaces()
        }
        guard (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second) else {
            return false
        }
        milliseconds = ((hour * 60 + minute) * 60 + min(second, 59)) * 1000 + fraction
        guard cursor.readOffset(&offset) else { return false }
        cursor.skipSpaces()
        return cursor.isAtEnd
    }

    private static func power(_ exponent: Int) -> Int {
        (0..<exponent).reduce(1) { product, _ in product * 10 }
    }

    // MARK: The calendar

    var text: String {
        let (month, day) = (String(month), String(day))
        return
            "\(year)-\(month.utf8.count < 2 ? "0" : "")\(month)-\(day.utf8.count < 2 ? "0" : "")\(day)"
    }

    private static func days(in month: Int, of year: Int) -> Int {
        if month == 2 { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28 }
        return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
    }

    /// Years begin in March here, so that the leap day is their last.
    static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
    }

    private static func date(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        var year = 1970
        var rest = dayNumber
        while rest >= (days(in: 2, of: year) == 29 ? 366 : 365) {
            rest -= days(in: 2, of: year) == 29 ? 366 : 365
            year += 1
        }
        var month = 1
        while rest >= days(in: month, of: year) {
            rest -= days(in: month, of: year)
            month += 1
        }
        return (year, month, rest + 1)
    }
}
