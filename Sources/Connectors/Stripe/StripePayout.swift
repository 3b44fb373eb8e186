import ConnectorKit
import Domain

/// A payout as Stripe writes it.
struct StripePayout: Hashable, Sendable {
    let id: String
    /// Negative where Stripe withdraws.
    let amount: Money
    let created: Instant
    /// Midnight in UTC of the day.
    let arrives: Instant
    /// Made by the schedule, not by hand.
    let isAutomatic: Bool
    let status: String
    /// `completed` once its balance transactions can be listed, `in_progress` before, `not_applicable` for good.
    let reconciliation: String
    /// When the money came back of one that failed or was cancelled, where Stripe was asked to write it out.
    let returned: Instant?

    /// - Throws: `RECORD_UNREADABLE` and the like, naming the field.
    init(_ record: RawRecord) throws(Problem) {
        let wire = try WireObject(try JSONReader.decode(record.payload))
        guard try wire.text("id") == record.id else {
            throw Problem(.recordUnreadable, "Stripe answered another payout than the one asked for, \(record.id)")
        }
        guard try wire.text("object") == "payout" else {
            throw Problem(.recordUnreadable, "\(record.id) is not a payout")
        }
        id = record.id
        amount = try wire.stripeAmount("amount", try wire.stripeCurrency("currency"))
        created = try wire.stripeTime("created")
        arrives = try wire.stripeTime("arrival_date")
        isAutomatic = try wire.flag("automatic")
        status = try wire.text("status")
        reconciliation = try wire.text("reconciliation_status")
        if case .object = wire.members["failure_balance_transaction"] {
            returned = try wire.object("failure_balance_transaction").stripeTime("created")
        } else {
            returned = nil
        }
    }

    /// `timeZone` is the merchant's: money came back on a day of theirs.
    func canonical(provider: String, timeZone: TimeZoneName) -> Payout {
        Payout(
            provider: provider, id: id, content: content, state: state, net: amount, createdAt: created,
            arrivesOn: arrives.day(in: .utc), returnedOn: returnedOn(in: timeZone))
    }

    private var content: Payout.Content {
        isAutomatic && reconciliation != "not_applicable" ? .settled : .unlisted
    }

    /// Whatever became of it, a payout of which the lines are not complete yet is not done: nobody could book it.
    private var state: Payout.State {
        if content == .settled, reconciliation != "completed" { return .pending }
        return switch status {
        case "paid": .paid
        case "failed": .failed
        case "canceled": .cancelled
        default: .pending
        }
    }

    private func returnedOn(in timeZone: TimeZoneName) -> Day? {
        guard status == "failed" || status == "canceled" else { return nil }
        if let returned { return returned.day(in: timeZone) }
        // Nothing else tells the day: it cannot have come back before it arrived, and soon after.
        return status == "failed" ? arrives.day(in: .utc) : nil
    }
}
