import ConnectorKit
import Connectors
import Domain

/// A settlement file, read whole in pieces.
struct SettlementFile {
    var events: [SettlementReader.Event] = []
    var result = SettlementResult()
    /// What kept the file from being read.
    var failure: String?

    /// `pieces` is where a piece ends, in bytes: it must not matter.
    init(
        _ bytes: [UInt8], _ layout: SettlementLayout, pieces: Int = 7, timeZone: String = "Europe/Stockholm",
        fileID: String = "july.csv"
    ) {
        var reader = SettlementReader(
            layout, provider: "provider", timeZone: TimeZoneName(timeZone) ?? .utc, fileID: fileID)
        do throws(Problem) {
            for start in stride(from: 0, to: bytes.count, by: pieces) {
                events += try reader.take(bytes[start..<min(start + pieces, bytes.count)])
            }
            events += try reader.end()
            result = reader.result
        } catch {
            failure = error.code == .settlementFileUnreadable ? error.detail : "\(error)"
        }
    }

    init(
        _ text: String, _ layout: SettlementLayout, pieces: Int = 7, timeZone: String = "Europe/Stockholm",
        fileID: String = "july.csv"
    ) {
        self.init(Array(text.utf8), layout, pieces: pieces, timeZone: timeZone, fileID: fileID)
    }

    /// With a layout that needs no configuration.
    init(_ text: String, _ name: String) { self.init(text, SettlementLayouts.all[name] ?? SettlementLayout()) }

    var lines: [PayoutLine] {
        events.compactMap { if case .line(_, let line, _) = $0 { line } else { nil } }
    }

    /// As people would write them down: `charge 45.00 SEK - 1.20 SEK`.
    var shown: [String] { lines.map { "\($0.kind.rawValue) \($0.amount) - \($0.fee)" } }

    var payoutIDs: [String] {
        events.compactMap { if case .line(let id, _, _) = $0 { id } else { nil } }
    }

    var arrivals: [String?] {
        events.compactMap { if case .line(_, _, let day) = $0 { .some(day?.description) } else { nil } }
    }

    var bad: [String] {
        events.compactMap { if case .bad(let problem) = $0 { problem.description } else { nil } }
    }

    var payouts: [String] {
        result.payouts.map { "\($0.id): \($0.net), made \($0.createdAt), arrives \($0.arrivesOn)" }
    }

    var refusals: [String] { result.refused.map { "\($0.problem.code.rawValue): \($0.problem.detail)" } }

    var skipped: [String: Int] {
        Dictionary(uniqueKeysWithValues: result.skipped.map { ($0.key.description, $0.value) })
    }
}
