public import ConnectorKit
import Crypto
public import Domain

/// Takes a settlement file in: all of it, or nothing where a row of it is bad. It is read three times from its beginning, in
/// the memory of a few rows: for what it is, for whether it is right and contradicts nothing that is kept, and for keeps.
public struct SettlementImport: Sendable {
    public struct Report: Hashable, Sendable {
        public struct Entry: Hashable, Sendable {
            public let payout: Payout
            /// It was there before, by this or another report.
            public let isKnown: Bool
        }

        public var payouts: [Entry] = []
        public var lines = 0
        /// Rows left out because they are not final yet, or tell of nothing, by reason.
        public var skipped: [String: Int] = [:]
        /// What keeps the file from being taken; then nothing of it is.
        public var problems: [Problem]

        public init(problems: [Problem] = []) { self.problems = problems }
    }

    /// Opens the file at its beginning; what it answers gives the next piece, `nil` after the last.
    public typealias Opening = () throws -> () throws -> [UInt8]?

    /// More than anybody mends at once.
    static let mostProblems = 100

    let integration: Integration
    private let layout: SettlementLayout
    private let provider: String

    public init(_ integration: Integration, _ layout: SettlementLayout, provider: String) {
        self.integration = integration
        self.layout = layout
        self.provider = provider
    }

    /// The same file twice is taken once. What contradicts what is kept is a problem too; what was kept of the file before that is
    /// no payout.
    public func run(_ open: Opening) async throws -> Report {
        let id = try fileID(open)
        var (report, payouts) = try await checked(id, open)
        guard report.problems.isEmpty else { return report }
        do {
            report.payouts = try await keep(payouts, id, open)
        } catch let problem as Problem {
            report.problems = [problem]
        } catch let error as StoreError where error.kind == .conflict {
            report.problems = [Problem(.payoutChanged, error.detail)]
        }
        return report
    }

    /// Keeps the lines, and the file as it was received. Nothing of it is a payout before its end.
    private func keep(_ payouts: [Payout], _ id: String, _ open: Opening) async throws -> [Report.Entry] {
        var intake = Intake(integration: integration, provider: provider, report: "file-\(id)")
        for payout in payouts { try await intake.begin(payout) }
        var reader = reader(id)
        var (hash, piece) = (SHA256(), 0)
        let next = try open()
        while let bytes = try next() {
            piece += 1
            hash.update(data: bytes)
            try await integration.store.keepReport("file-\(id)", integration: integration.name, piece: piece, bytes)
            try await intake.take(try reader.take(bytes))
        }
        try await intake.take(try reader.end())
        guard Self.hexadecimal(hash) == id else {
            throw Problem(
                .settlementFileUnreadable, "the file changed while it was read; give it again when it is whole")
        }
        return try await intake.end()
    }

    private func reader(_ id: String) -> SettlementReader {
        SettlementReader(
            layout, provider: provider, timeZone: integration.settings.settings.timeZone, fileID: String(id.prefix(16)))
    }

    // MARK: Passes

    private func fileID(_ open: Opening) throws -> String {
        var hash = SHA256()
        let next = try open()
        while let piece = try next() { hash.update(data: piece) }
        return Self.hexadecimal(hash)
    }

    private static func hexadecimal(_ hash: SHA256) -> String {
        hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private func checked(_ id: String, _ open: Opening) async throws -> (Report, [Payout]) {
        var reader = reader(id)
        var report = Report()
        var contradiction: Problem?
        func look(_ events: [SettlementReader.Event]) async throws {
            for case .bad(let problem) in events where report.problems.count < Self.mostProblems {
                report.problems.append(problem.problem)
            }
            guard report.problems.isEmpty, contradiction == nil else { return }
            do {
                try await verify(events, id)
            } catch let error as StoreError where error.kind == .conflict {
                contradiction = Problem(.payoutChanged, error.detail)
            }
        }
        do {
            let next = try open()
            while let piece = try next() { try await look(try reader.take(piece)) }
            try await look(try reader.end())
        } catch let problem as Problem {
            report.problems.append(problem)
            return (report, [])
        }
        let result = reader.result
        report.lines = result.lines
        report.skipped = result.skipped.reduce(into: [:]) { $0[$1.key.description] = $1.value }
        if report.problems.isEmpty { report.problems += result.refused.map(\.problem) }
        if report.problems.isEmpty, let contradiction { report.problems = [contradiction] }
        return (report, result.payouts)
    }

    /// What contradicts what is kept is found before anything of the file is.
    private func verify(_ events: [SettlementReader.Event], _ id: String) async throws {
        var lines: [String: [PayoutLine]] = [:]
        for case .line(let payout, let line, _) in events { lines[payout, default: []].append(line) }
        for (payout, lines) in lines {
            guard let currency = lines.first?.amount.currency else { continue }
            let head = Payout(
                provider: provider, id: payout, content: layout.content, net: .zero(currency),
                createdAt: .distantPast, arrivesOn: Instant.distantPast.day(in: .utc))
            try await integration.store.verify(
                PayoutPart(
                    payout: integration.payoutKey(head.record), head: head, lines: lines, report: .shared("file-\(id)"),
                    isLast: false))
        }
    }
}

extension SettlementImport {
    /// Keeps lines under their payouts, some at a time.
    fileprivate struct Intake {
        static let linesAtOnce = 2000

        private struct Open {
            var head: Payout
            let key: EntityKey
            /// All its lines are there already.
            var isKnown: Bool
            /// Of an activity: the record of it that is there.
            var earlier: Payout?
            var waiting: [PayoutLine] = []
        }

        let integration: Integration
        let provider: String
        let report: String
        /// By the id that the file gives.
        private var open: [String: Open] = [:]
        private var waiting = 0

        init(integration: Integration, provider: String, report: String) {
            self.integration = integration
            self.provider = provider
            self.report = report
        }

        mutating func begin(_ payout: Payout) async throws {
            try await refuse(payout)
            var head = payout
            // Exports of a balance overlap, and a day that was not over has more of it in the next: what is new is a record of
            // its own.
            var (part, earlier): (Int, Payout?) = (1, nil)
            while payout.content == .activity, let recorded = try await recorded(head), try await isComplete(head) {
                (part, earlier) = (part + 1, recorded)
                head.id = "\(payout.id)-\(part)"
            }
            open[payout.id] = Open(
                head: head, key: integration.payoutKey(head.record), isKnown: try await isComplete(head),
                earlier: earlier)
        }

        /// What a provider's API tells of a payout counts: a file may have a part of its rows only.
        private func refuse(_ payout: Payout) async throws {
            guard payout.content != .activity else { return }
            let key = integration.payoutKey(payout.record)
            let hasAPI = integration.providers[provider] != nil
            if hasAPI, try await integration.store.entity(key) == nil {
                _ = try await PayoutPickup(integration).one(payout.id, of: provider, trigger: .file)
            }
            guard let known = try await recorded(payout) else {
                if hasAPI { throw Problem(.payoutChanged, "\(provider) knows no payout \(payout.id)") }
                return
            }
            guard known.net == payout.net else {
                throw Problem(
                    .payoutChanged, "payout \(payout.id) is of \(known.net), the rows of the file come to \(payout.net)"
                )
            }
        }

        private func recorded(_ payout: Payout) async throws -> Payout? {
            try await integration.store.entity(integration.payoutKey(payout.record))?.snapshot.content.payout
        }

        private func isComplete(_ payout: Payout) async throws -> Bool {
            try await integration.store.contents(of: integration.payoutKey(payout.record))?.isComplete == true
        }

        mutating func take(_ events: [SettlementReader.Event]) async throws {
            for case .line(let id, let line, _) in events where open[id] != nil {
                open[id]?.waiting.append(line)
                waiting += 1
                if waiting >= Self.linesAtOnce { try await flush() }
            }
        }

        /// Completes the payouts and makes records of them; answers them.
        mutating func end() async throws -> [Report.Entry] {
            try await flush()
            var snapshots: [Snapshot] = []
            for (id, found) in open.sorted(by: { $0.key < $1.key }) {
                var one = found
                if one.head.content == .activity {
                    one.head.net = try await sum(of: one)
                    one.isKnown = try await integration.store.contents(of: one.key) == nil
                    open[id] = one
                    if one.isKnown { continue }
                }
                try await integration.store.keep(part(one, [], isLast: true))
                if try await integration.store.entity(one.key) == nil { snapshots.append(snapshot(of: one)) }
            }
            _ = try await integration.store.record(snapshots, trigger: .file, force: false, moving: nil)
            // What a provider's API told of waits for its lines, though they may be there since a run that died here.
            for one in open.values {
                let standing = try await integration.store.entity(one.key)?.standing
                guard !one.isKnown || standing?.state == .waiting else { continue }
                try await integration.store.markDue([one.key], trigger: .file)
            }
            return open.values.map { .init(payout: $0.isKnown ? $0.earlier ?? $0.head : $0.head, isKnown: $0.isKnown) }
                .sorted { $0.payout.id < $1.payout.id }
        }

        private mutating func flush() async throws {
            for (id, one) in open where !one.waiting.isEmpty {
                var lines = one.waiting
                if one.head.content == .activity {
                    let known = try await integration.store.knownLines(
                        lines.map(\.id), provider: provider, integration: integration.name)
                    lines.removeAll { known.contains($0.id) }
                }
                if !lines.isEmpty { try await integration.store.keep(part(one, lines, isLast: false)) }
                open[id]?.waiting = []
            }
            waiting = 0
        }

        private func sum(of one: Open) async throws -> Money {
            var sum = Money.zero(one.head.currency)
            try await PayoutReader(integration).eachLine(of: one.key) { sum += $0.line.net }
            return sum
        }

        private func part(_ one: Open, _ lines: [PayoutLine], isLast: Bool) -> PayoutPart {
            PayoutPart(payout: one.key, head: one.head, lines: lines, report: .shared(report), isLast: isLast)
        }

        private func snapshot(of one: Open) -> Snapshot {
            let payload = one.head.canonicalBytes ?? []
            let now = integration.clock.now()
            return Snapshot(
                key: one.key, number: one.head.id, payload: payload, content: .payout(one.head),
                hash: Snapshot.hash(of: payload),
                createdAt: one.head.createdAt, modifiedAt: now, fetchBegan: now)
        }
    }
}
