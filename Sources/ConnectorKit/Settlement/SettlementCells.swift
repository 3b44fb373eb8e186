import Domain

/// Reads single cells of rows: texts, amounts, currencies, dates. What was read is kept where files repeat it.
struct SettlementCells: Sendable {
    let header: SettlementHeader
    private let form: SettlementForm
    private let amounts: ExactAmountReader
    private let merchantZone: TimeZoneName
    private var currencies: [String: Currency] = [:]
    private var days: [String: Day] = [:]
    private var clocks: [String: ZoneClock] = [:]
    private var zones: [String: String] = [:]

    /// A file has few days, zones and currencies; a broken one can have as many as rows.
    private static let most = 10_000

    init(_ header: SettlementHeader, _ form: SettlementForm, timeZone: TimeZoneName) {
        self.header = header
        self.form = form
        amounts = ExactAmountReader(form)
        merchantZone = timeZone
    }

    func problem(_ row: CSVParser.Row, _ place: Int?, _ text: String) -> SettlementProblem {
        SettlementProblem(line: row.line, column: place.map { header.names[$0] }, text)
    }

    // MARK: Texts

    func text(_ row: CSVParser.Row, _ place: Int) -> String { Self.trimmed(row.fields[place]) }

    /// Empty cells are left out.
    func optional(_ row: CSVParser.Row, _ place: Int?) -> String? {
        guard let place else { return nil }
        let found = text(row, place)
        return found.isEmpty ? nil : found
    }

    /// An id or a number that something is called by; `nil` for an empty cell.
    /// - Throws: where a spreadsheet took it for an amount: many ids become one.
    func reference(_ row: CSVParser.Row, _ place: Int?) throws(SettlementProblem) -> String? {
        guard let found = optional(row, place) else { return nil }
        guard !Self.isRewritten(found) else {
            throw problem(row, place, "a spreadsheet rewrote this id; export the file again")
        }
        return found
    }

    /// The references of several columns as one; `nil` where one of them is empty.
    func reference(_ row: CSVParser.Row, joining places: [Int]) throws(SettlementProblem) -> String? {
        if places.count == 1 { return try reference(row, places[0]) }
        var texts: [String] = []
        for place in places {
            guard let text = try reference(row, place) else { return nil }
            texts.append(text)
        }
        return texts.isEmpty ? nil : texts.joined(separator: "-")
    }

    /// `1.04219E+11`. Spreadsheets always write the sign; `12e5` may be an id of letters and digits.
    static func isRewritten(_ text: String) -> Bool {
        func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
        guard let first = text.utf8.first, isDigit(first) else { return false }
        var rest = text.utf8.drop(while: isDigit)
        if rest.first == UInt8(ascii: ".") || rest.first == UInt8(ascii: ",") {
            rest = rest.dropFirst().drop(while: isDigit)
        }
        guard let letter = rest.popFirst(), letter & 0xDF == UInt8(ascii: "E"), rest.popFirst() == UInt8(ascii: "+")
        else { return false }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    static func trimmed(_ text: String) -> String {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last,
            first <= 0x20 || last <= 0x20 || first == 0xC2 || last == 0xA0
        else { return text }
        let start = text.drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }

    // MARK: Amounts

    /// `nil` for an empty cell.
    func amount(
        _ row: CSVParser.Row, _ place: Int, _ currency: Currency
    ) throws(SettlementProblem) -> ExactAmount? {
        let cell = row.fields[place]
        if cell.isEmpty { return nil }
        do throws(ExactAmount.Flaw) {
            return try amounts.read(cell, currency)
        } catch {
            throw problem(error, row, place)
        }
    }

    func money(
        _ amount: ExactAmount, _ currency: Currency, _ row: CSVParser.Row, _ place: Int?
    ) throws(SettlementProblem) -> Money {
        do throws(ExactAmount.Flaw) {
            return try amount.money(currency)
        } catch .tooFine {
            throw problem(
                row, place,
                "an amount of \(currency.code) has \(currency.decimals) decimals at most; correct the cell, or the decimal "
                    + "mark in the layout")
        } catch {
            throw problem(error, row, place)
        }
    }

    func problem(_ flaw: ExactAmount.Flaw, _ row: CSVParser.Row, _ place: Int?) -> SettlementProblem {
        switch flaw {
        case .notANumber:
            problem(
                row, place,
                "\(SettlementProblem.shown(place.map { row.fields[$0] } ?? "")) is not an amount like "
                    + "\(amounts.example); correct the cell, or decimalMark and thousands in the layout")
        case .mayBeThousand:
            problem(
                row, place,
                "\(SettlementProblem.shown(place.map { row.fields[$0] } ?? "")) may be a thousand or have three decimals; "
                    + "correct decimalMark and thousands in the layout, or set thousands to never")
        case .tooFine:
            problem(
                row, place, "an amount has \(ExactAmount.decimals) decimals at most; correct the cell")
        case .tooLarge:
            problem(row, place, "an amount is beyond any real one; correct the cell")
        }
    }

    mutating func currency(_ row: CSVParser.Row, _ place: Int) throws(SettlementProblem) -> Currency? {
        let cell = row.fields[place]
        if let known = currencies[cell] { return known }
        let code = Self.trimmed(cell).uppercased()
        if code.isEmpty { return nil }
        guard let currency = Currency(code: code) else {
            throw problem(
                row, place,
                "\(SettlementProblem.shown(cell)) is not a currency code like EUR; correct the cell")
        }
        if currencies.count < Self.most { currencies[cell] = currency }
        return currency
    }

    // MARK: Dates

    /// `nil` for an empty cell.
    func wallTime(_ row: CSVParser.Row, _ place: Int, time: Int? = nil) throws(SettlementProblem)
        -> WallTime?
    {
        let cell = row.fields[place]
        guard var found = WallTime(cell, form.dates) else {
            if Self.trimmed(cell).isEmpty { return nil }
            throw problem(
                row, place,
                "\(SettlementProblem.shown(cell)) is not a date like \(form.dates.example); correct the cell, or dates in "
                    + "the layout")
        }
        if let time, !found.readTime(row.fields[time]) {
            throw problem(
                row, time,
                "\(SettlementProblem.shown(row.fields[time])) is not a time like 07:33:09; correct the cell"
            )
        }
        return found
    }

    mutating func instant(
        _ row: CSVParser.Row, _ date: SettlementPlaces.Date
    ) throws(SettlementProblem) -> (instant: Instant, time: WallTime)? {
        guard let time = try wallTime(row, date.date, time: date.time) else { return nil }
        let zone = try zone(row, date.zone)
        return (clocks[zone]?.instant(time) ?? Instant(milliseconds: time.localMilliseconds), time)
    }

    /// The name of a zone whose clock is there.
    private mutating func zone(
        _ row: CSVParser.Row, _ zone: SettlementPlaces.Date.Zone
    ) throws(SettlementProblem) -> String {
        switch zone {
        case .merchant: return clock(merchantZone)
        case .fixed(let name): return clock(name)
        case .column(let place):
            let cell = row.fields[place]
            if let known = zones[cell] { return known }
            let text = Self.trimmed(cell)
            guard let found = ZoneText.zone(text) else {
                throw problem(
                    row, place,
                    "\(SettlementProblem.shown(cell)) is not a time zone that is known, such as CET or Europe/Stockholm; "
                        + "set timeZone in the layout instead of the column")
            }
            if clocks[text] == nil { clocks[text] = ZoneClock(found) }
            if zones.count < Self.most { zones[cell] = text }
            return text
        }
    }

    private mutating func clock(_ zone: TimeZoneName) -> String {
        if clocks[zone.name] == nil { clocks[zone.name] = ZoneClock(zone.timeZone) }
        return zone.name
    }

    /// The calendar day that the cell itself shows: no zone moves it.
    mutating func day(_ row: CSVParser.Row, _ place: Int) throws(SettlementProblem) -> Day? {
        let cell = row.fields[place]
        if let known = days[cell] { return known }
        guard let time = try wallTime(row, place), let day = Day(time.text) else { return nil }
        if days.count < Self.most { days[cell] = day }
        return day
    }
}

extension SettlementForm.Dates {
    var example: String {
        switch self {
        case .yearFirst: "2026-11-23"
        case .dayFirst: "23.11.2026"
        case .monthFirst: "11/23/2026"
        case .epochSeconds: "1795392000"
        case .epochMilliseconds: "1795392000000"
        }
    }
}
