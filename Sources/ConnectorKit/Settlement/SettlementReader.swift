public import Domain

/// Reads a settlement report piece by piece: bytes in, canonical lines out. It keeps the sums of the payouts in the file, and a
/// counter for each row that has no id of its own.
///
/// Lines come out before their payout is known to add up, because a payout may have millions: they count only if `result` lists
/// their payout.
public struct SettlementReader: Sendable {
    public enum Event: Hashable, Sendable {
        case line(payoutID: String, PayoutLine, arrivesOn: Day?)
        /// What the file says is paid out; it may say so in parts.
        case net(payoutID: String, Money, arrivesOn: Day?)
        case skipped(line: Int, SettlementSkip)
        case bad(SettlementProblem)
    }

    private enum State {
        case totalsHeader, totals
        /// So many rows were looked at.
        case header(Int)
        case rows
        case failed(Problem)
    }

    private let layout: SettlementLayout
    private let provider: String
    private let timeZone: TimeZoneName
    private let fileID: String
    private var start = FileStart()
    private var parser: CSVParser
    private var state: State
    private var totals: SettlementTotalsReader?
    private var rows: SettlementRowReader?
    private var ids = SettlementLineIDs()
    private var facts: [String: SettlementFacts] = [:]
    /// The totals that the rows in hand belong to.
    private var block: SettlementBlock?
    private var spoiled: [String: SettlementSpoilt] = [:]
    /// A bad row of which nobody knows the payout: it may belong to any.
    private var strayRow: Int?
    private var counts = SettlementResult()
    /// Why the row that looks most like a header is none.
    private var headerProblem: (cells: Int, problem: SettlementProblem)?

    /// `fileID` names the payout of a file that is one payout and does not say which; `timeZone` is the merchant's.
    public init(_ layout: SettlementLayout, provider: String, timeZone: TimeZoneName, fileID: String) {
        self.layout = layout
        self.provider = provider
        self.timeZone = timeZone
        self.fileID = fileID
        parser = CSVParser(separator: layout.form.separator.byte, encoding: layout.form.encoding)
        state = layout.totals == nil ? .header(0) : .totalsHeader
    }

    /// Takes the next piece of the file; answers what its rows are, in their order.
    /// - Throws: what keeps the whole file from being read; nothing of it counts then.
    public mutating func take(_ piece: some Sequence<UInt8>) throws(Problem) -> [Event] {
        if case .failed(let problem) = state { throw problem }
        // As an array, whatever it was: bytes of a sequence that the compiler does not know cost ten times as much.
        let found = try parsed(Array(piece), isLast: false)
        var events: [Event] = []
        events.reserveCapacity(found.count)
        for row in found { try take(row, &events) }
        return events
    }

    /// The file has ended.
    public mutating func end() throws(Problem) -> [Event] {
        if case .failed(let problem) = state { throw problem }
        var events: [Event] = []
        for row in try parsed([], isLast: true) { try take(row, &events) }
        switch state {
        case .rows where counts == SettlementResult() && facts.isEmpty:
            throw fail(
                "the file has a header and no rows; export it again for a time in which there were payouts")
        case .rows: endBlock(&events)
        // A payout of which everything stands in the totals.
        case .header(0) where block != nil: endBlock(&events)
        case .header(0), .totalsHeader: throw fail("the file is empty; export it again")
        case .header:
            if let headerProblem { throw fail(headerProblem.problem) }
            throw fail("the file ends before its rows begin; export it again, whole")
        case .totals: throw fail("the file ends after the header of its totals; export it again, whole")
        case .failed(let problem): throw problem
        }
        return events
    }

    /// What the file came to, once it has ended.
    public var result: SettlementResult {
        var result = counts
        let statesPayouts = layout.content == .settled && facts.values.contains { $0.stated != nil }
        for id in Set(facts.keys).union(spoiled.keys).sorted() {
            do throws(Problem) {
                if let payout = try payout(id, mustBeStated: statesPayouts) { result.payouts.append(payout) }
            } catch {
                result.refused.append(.init(payoutID: id, problem: error))
            }
        }
        return result
    }

    private func payout(_ id: String, mustBeStated: Bool) throws(Problem) -> Payout? {
        if let spoilt = spoiled[id] { throw spoilt.problem(id) }
        if let strayRow {
            throw Problem(
                .settlementFileUnreadable,
                "payout \(id) may be incomplete: line \(strayRow) cannot be read and may belong to it")
        }
        if mustBeStated { try facts[id]?.refuseInPart(id, layout.words) }
        return try facts[id]?.payout(
            id: id, provider: provider, content: layout.content, timeZone: timeZone)
    }
}

// MARK: - Rows

extension SettlementReader {
    private mutating func parsed(_ bytes: [UInt8], isLast: Bool) throws(Problem) -> [CSVParser.Row] {
        let known: [UInt8]
        do throws(FileStart.Kind) {
            known = isLast ? try start.end() : try start.take(bytes)
        } catch {
            throw fail(error)
        }
        do throws(CSVParser.Failure) {
            let rows = try parser.rows(in: known)
            return isLast ? rows + [try parser.end()].compactMap(\.self) : rows
        } catch {
            throw fail(error)
        }
    }

    private mutating func take(_ row: CSVParser.Row, _ events: inout [Event]) throws(Problem) {
        switch state {
        case .totalsHeader: try takeTotalsHeader(row)
        case .totals: try takeTotals(row, &events)
        case .header(let count): try takeHeader(row, count)
        case .rows:
            if let totals, totals.isHeader(row) {
                endBlock(&events)
                try takeTotalsHeader(row)
            } else {
                takeRow(row, &events)
            }
        case .failed(let problem): throw problem
        }
    }

    private mutating func takeTotalsHeader(_ row: CSVParser.Row) throws(Problem) {
        guard let columns = layout.totals else { return }
        do throws(SettlementProblem) {
            totals = try SettlementTotalsReader(columns, row, layout.form, timeZone: timeZone)
            state = .totals
        } catch {
            throw fail(error)
        }
    }

    private mutating func takeTotals(_ row: CSVParser.Row, _ events: inout [Event]) throws(Problem) {
        do throws(SettlementProblem) {
            guard let block = try totals?.read(row) else { return }
            self.block = block
            guard facts[block.payoutID] == nil else {
                throw SettlementProblem(
                    line: row.line, "payout \(block.payoutID) is in the file twice; export each payout once")
            }
            var payout = SettlementFacts(currency: block.currency, firstLine: row.line)
            _ = payout.state(block.net, at: block.at, arrivesOn: block.arrivesOn)
            facts[block.payoutID] = payout
            events.append(.net(payoutID: block.payoutID, block.net, arrivesOn: block.arrivesOn))
            state = .header(0)
        } catch {
            throw fail(error)
        }
    }

    private mutating func takeHeader(_ row: CSVParser.Row, _ count: Int) throws(Problem) {
        do throws(SettlementProblem) {
            rows = try SettlementRowReader(layout, row, timeZone: timeZone, fileID: fileID)
            rows?.block = block
            state = .rows
        } catch {
            if row.fields.count > headerProblem?.cells ?? 0 { headerProblem = (row.fields.count, error) }
            guard count + 1 < layout.form.headerWithin else {
                throw fail(headerProblem?.problem ?? error)
            }
            state = .header(count + 1)
        }
    }

    private mutating func takeRow(_ row: CSVParser.Row, _ events: inout [Event]) {
        do throws(SettlementProblem) {
            switch try rows?.read(row) {
            case nil: break
            case .skipped(let skip): self.skip(skip, row.line, &events)
            case .line(let movement): try take(movement, row.line, &events)
            case .payout(let payoutID, let net, let at, let day, let fee):
                if let fee { try take(fee, row.line, &events) }
                try open(payoutID, net.currency, row.line)
                guard facts[payoutID]?.state(net, at: at, arrivesOn: day) ?? false else {
                    throw tooLarge(payoutID, row.line)
                }
                events.append(.net(payoutID: payoutID, net, arrivesOn: day))
            }
        } catch {
            spoil(error, &events)
        }
    }

    private mutating func take(
        _ movement: SettlementMovement, _ number: Int, _ events: inout [Event]
    ) throws(SettlementProblem) {
        var line = movement.line
        if line.id.isEmpty {
            line.id = ids.id(for: line, identity: movement.identity)
        } else if !ids.isFirst(line.id) {
            throw SettlementProblem(
                line: number,
                "id \(SettlementProblem.shown(line.id)) stands in the file twice; leave one of the rows, or name in id of the "
                    + "layout the columns that tell them apart")
        }
        try add(line, to: movement.payoutID, number, movement.arrivesOn)
        block?.take(line)
        events.append(.line(payoutID: movement.payoutID, line, arrivesOn: movement.arrivesOn))
    }

    private mutating func skip(_ skip: SettlementSkip, _ line: Int, _ events: inout [Event]) {
        // Words come from the file: a column of names would fill the memory.
        let reason = counts.skipped[skip] == nil && counts.skipped.count >= 100 ? skip.coarse : skip
        counts.skipped[reason, default: 0] += 1
        events.append(.skipped(line: line, reason))
    }

    private mutating func open(_ payoutID: String, _ currency: Currency, _ line: Int)
        throws(SettlementProblem)
    {
        guard let known = facts[payoutID] else {
            facts[payoutID] = SettlementFacts(currency: currency, firstLine: line)
            return
        }
        guard known.currency == currency else {
            throw SettlementProblem(
                line: line,
                "payout \(payoutID) is in \(known.currency.code) and this row in \(currency.code); export one file for each "
                    + "currency")
        }
    }

    private mutating func add(
        _ line: PayoutLine, to payoutID: String, _ number: Int, _ day: Day?
    ) throws(SettlementProblem) {
        try open(payoutID, line.amount.currency, number)
        guard facts[payoutID]?.add(line, arrivesOn: day) ?? false else {
            throw tooLarge(payoutID, number)
        }
        counts.lines += 1
    }

    private func tooLarge(_ payoutID: String, _ line: Int) -> SettlementProblem {
        SettlementProblem(line: line, "payout \(payoutID) is beyond any real one; correct the amounts")
    }

    private mutating func spoil(_ problem: SettlementProblem, _ events: inout [Event]) {
        counts.bad += 1
        if let payoutID = rows?.payoutID {
            spoiled[payoutID, default: SettlementSpoilt(first: problem.line)].rows += 1
        } else {
            strayRow = strayRow ?? problem.line
        }
        events.append(.bad(problem))
    }

    private mutating func endBlock(_ events: inout [Event]) {
        guard let block else { return }
        for line in block.lines() {
            guard facts[block.payoutID]?.add(line, arrivesOn: block.arrivesOn) ?? false else { continue }
            counts.lines += 1
            events.append(.line(payoutID: block.payoutID, line, arrivesOn: block.arrivesOn))
        }
        self.block = nil
        rows = nil
    }
}

// MARK: - Failing

extension SettlementReader {
    private mutating func fail(_ text: String) -> Problem {
        fail(Problem(.settlementFileUnreadable, text))
    }
    private mutating func fail(_ problem: SettlementProblem) -> Problem { fail(problem.problem) }

    private mutating func fail(_ problem: Problem) -> Problem {
        state = .failed(problem)
        return problem
    }

    private mutating func fail(_ kind: FileStart.Kind) -> Problem {
        switch kind {
        case .utf16: fail("the file is in UTF-16; save it as CSV in UTF-8")
        case .archive: fail("the file is an Excel workbook or packed; save it as CSV, or unpack it")
        }
    }

    private mutating func fail(_ failure: CSVParser.Failure) -> Problem {
        let text =
            switch failure {
            case .quoteNotClosed(let line, let column):
                "line \(line), column \(column): a quote is opened and never closed; export the file again, whole"
            case .textAfterQuote(let line, let column):
                "line \(line), column \(column): text follows a closing quote; export the file again, or set separator in "
                    + "the layout"
            case .notInEncoding(let line, let column):
                "line \(line), column \(column): the text is not in \(layout.form.encoding.rawValue); set encoding in the "
                    + "layout, or save the file as UTF-8"
            case .rowTooLong(let line):
                "line \(line): the row is longer than a million bytes; a quote was left open, or this is no CSV file"
            }
        return fail(text)
    }
}

extension SettlementSkip {
    /// Without the word.
    fileprivate var coarse: SettlementSkip {
        switch self {
        case .filtered(let column, _): .filtered(column: column, word: "another word")
        case .ignored: .ignored(word: "another")
        case .noPayout: self
        }
    }
}
