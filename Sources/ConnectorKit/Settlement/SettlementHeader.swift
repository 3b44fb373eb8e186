/// The columns that a file really has.
struct SettlementHeader: Sendable {
    let line: Int
    /// As the file writes them.
    let names: [String]
    private let places: [String: [Int]]

    init(_ row: CSVParser.Row) {
        line = row.line
        names = row.fields
        places = Dictionary(grouping: row.fields.indices) { Self.plain(row.fields[$0]) }
    }

    /// The place of the first name that the file has; `nil` when it has none of them.
    func place(of column: SettlementColumn) -> Int? {
        column.names.lazy.compactMap { places[Self.plain($0)]?.first }.first
    }

    /// Whether two columns bear the name that was found: nobody can tell which one is meant.
    func isAmbiguous(_ place: Int) -> Bool { (places[Self.plain(names[place])]?.count ?? 0) > 1 }

    static func plain(_ name: String) -> String {
        name.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

/// Finds columns in a header and remembers what it did not find, so that a person is told everything at once.
struct SettlementColumnFinder {
    let header: SettlementHeader
    private(set) var missing: [String] = []
    private(set) var ambiguous: [String] = []

    init(_ header: SettlementHeader) { self.header = header }

    mutating func optional(_ column: SettlementColumn?) -> Int? {
        guard let place = column.flatMap(header.place) else { return nil }
        let name = header.names[place]
        if header.isAmbiguous(place), !ambiguous.contains(name) { ambiguous.append(name) }
        return place
    }

    mutating func needed(_ column: SettlementColumn) -> Int? {
        if let place = optional(column) { return place }
        note(missing: column)
        return nil
    }

    mutating func note(missing column: SettlementColumn) {
        if !missing.contains(column.title) { missing.append(column.title) }
    }

    /// What is wrong with the header; `nil` when nothing is.
    var problem: SettlementProblem? {
        if !missing.isEmpty {
            return SettlementProblem(
                line: header.line,
                "the header lacks \(missing.joined(separator: ", ")); it has \(Self.shown(header.names)). "
                    + "Export the file with these columns, or name them in the layout as the file does")
        }
        if !ambiguous.isEmpty {
            return SettlementProblem(
                line: header.line,
                "the header has \(ambiguous.joined(separator: ", ")) more than once; leave one of each")
        }
        return nil
    }

    /// Enough of a header to see what it is: a file of something else can have anything in its first line.
    private static func shown(_ names: [String]) -> String {
        let few = names.prefix(40).map { $0.count > 40 ? $0.prefix(40) + "…" : $0 }
        return few.joined(separator: ", ") + (names.count > 40 ? " and \(names.count - 40) more" : "")
    }
}
