public import Domain

/// The right to work on something until a time by the store's clock. The token grows with each holder, and a commit
/// that brings an older one is refused.
public struct Lease: Hashable, Sendable {
    /// What is held: an entity's description, a customer's reference, a booking lane.
    public let name: String
    public let token: Int64
    public let worker: String
    public let until: Instant

    public init(name: String, token: Int64, worker: String, until: Instant) {
        self.name = name
        self.token = token
        self.worker = worker
        self.until = until
    }
}

/// Which queue an entity stands in. Booking has its own, so that one worker books in date order.
public enum Lane: String, Hashable, Sendable, Codable {
    case general, booking
    /// Payouts, which never wait for orders.
    case payouts

    /// Where a record of a type begins.
    public static func first(of type: RecordType) -> Lane { type == .payout ? .payouts : .general }
}

public struct ClaimRequest: Hashable, Sendable {
    public let integration: String
    public let lane: Lane
    public let worker: String
    public let limit: Int
    public let leaseFor: Duration

    public init(integration: String, lane: Lane, worker: String, limit: Int, leaseFor: Duration) {
        self.integration = integration
        self.lane = lane
        self.worker = worker
        self.limit = limit
        self.leaseFor = leaseFor
    }
}

/// A claimed entity with everything that planning needs, read in the claim's own transaction.
public struct Claim: Hashable, Sendable {
    public let entity: Entity
    public let lease: Lease
    public let taskID: Int64
    /// Earlier tries since it last succeeded, waited or stopped.
    public let attempts: Int
    /// Documents that references tie to this record.
    public let documents: [Document]
    /// Every intent of this record without a known outcome, and every one whose document no reference ties to it.
    public let openIntents: [Intent]
    public let decisions: [Decision]
    /// Lines of payouts that were matched to this order.
    public let settlements: [Settlement]

    public init(
        entity: Entity, lease: Lease, taskID: Int64, attempts: Int, documents: [Document], openIntents: [Intent],
        decisions: [Decision], settlements: [Settlement] = []
    ) {
        self.settlements = settlements
        self.entity = entity
        self.lease = lease
        self.taskID = taskID
        self.attempts = attempts
        self.documents = documents
        self.openIntents = openIntents
        self.decisions = decisions
    }
}

/// That a step is about to be tried; committed before the call.
public struct Intent: Hashable, Sendable {
    public let reference: ExternalReference
    public let kind: Step.Kind
    /// 1 for the first try of this step on this reference.
    public let attempt: Int
    public let committedAt: Instant
    /// No request of this try is sent after it.
    public let deadline: Instant
    /// What the document would be made from.
    public let madeFrom: MadeFrom?

    public init(
        reference: ExternalReference, kind: Step.Kind, attempt: Int, committedAt: Instant, deadline: Instant,
        madeFrom: MadeFrom? = nil
    ) {
        self.madeFrom = madeFrom
        self.reference = reference
        self.kind = kind
        self.attempt = attempt
        self.committedAt = committedAt
        self.deadline = deadline
    }
}

/// An intent to be recorded for a claimed entity.
public struct IntentRecord: Hashable, Sendable {
    public let key: EntityKey
    public let lease: Lease
    public let taskID: Int64
    public let reference: ExternalReference
    public let kind: Step.Kind
    public let deadline: Instant
    public let madeFrom: MadeFrom?

    public init(
        key: EntityKey, lease: Lease, taskID: Int64, reference: ExternalReference, kind: Step.Kind,
        deadline: Instant, madeFrom: MadeFrom? = nil
    ) {
        self.madeFrom = madeFrom
        self.key = key
        self.lease = lease
        self.taskID = taskID
        self.reference = reference
        self.kind = kind
        self.deadline = deadline
    }
}

/// What a step came to, as it is kept.
public struct OutcomeRecord: Hashable, Sendable {
    public enum Result: String, Hashable, Sendable, Codable {
        case done, alreadyThere, adopted, refreshed, rejected, retry, unknown
    }

    public let key: EntityKey
    public let lease: Lease
    public let taskID: Int64
    public let reference: ExternalReference
    /// `nil` when nothing was tried: a lookup found or refreshed the document.
    public let kind: Step.Kind?
    public let result: Result
    /// The document as it is now; with it the reference is tied, or the known document replaced. `nil` leaves both alone.
    public let document: Document?
    public let startedAt: Instant
    public let finishedAt: Instant
    /// One sentence for the log, without personal data.
    public let message: String
    /// Nothing came of earlier tries of the step either: it looked for that first, when nothing of them could arrive any more.
    public let settlesEarlier: Bool

    public init(
        key: EntityKey, lease: Lease, taskID: Int64, reference: ExternalReference, kind: Step.Kind?, result: Result,
        document: Document?, startedAt: Instant, finishedAt: Instant, message: String, settlesEarlier: Bool = false
    ) {
        self.settlesEarlier = settlesEarlier
        self.key = key
        self.lease = lease
        self.taskID = taskID
        self.reference = reference
        self.kind = kind
        self.result = result
        self.document = document
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.message = message
    }
}

/// How a run of an entity ended. It gives the lease back.
public struct Finish: Hashable, Sendable {
    public enum Next: Hashable, Sendable {
        /// Nothing more to do for what was claimed: `worked` catches up with the `due` that was claimed.
        case rest
        /// Stays due, in this lane; the booking lane is worked in order of the day.
        case handOver(Lane, day: Day?)
        /// Stays due, not before this time; counts as one more attempt when `isFailure`.
        case again(at: Instant, isFailure: Bool)
    }

    public let claim: Claim
    public let standing: Standing
    public let next: Next
    /// Clears the doubt that the claim came with.
    public let doubtResolved: Bool
    public let at: Instant

    public init(claim: Claim, standing: Standing, next: Next, doubtResolved: Bool, at: Instant) {
        self.claim = claim
        self.standing = standing
        self.next = next
        self.doubtResolved = doubtResolved
        self.at = at
    }
}

/// A span of uninterrupted life of a store. A source record older than the current epoch may have been worked on in a
/// life that this store does not remember: it is in doubt.
public struct Epoch: Hashable, Sendable {
    public let number: Int
    public let startedAt: Instant

    public init(number: Int, startedAt: Instant) {
        self.number = number
        self.startedAt = startedAt
    }
}
