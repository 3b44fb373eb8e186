/// What should be done about a record now.
public enum Plan: Hashable, Sendable {
    /// The next step. What follows is planned again from what the ERP answered.
    case step(Step)
    /// Everything is as it should be.
    case complete
    /// Nothing to do until something named happens.
    case hold(Hold)
    /// Never to be synced as things stand, by a rule of the settings or by a person.
    case exclusion(Exclusion)
    /// A person is needed.
    case stop(Problem)
}

/// Why a record waits, and what ends it.
public struct Hold: Hashable, Sendable, Codable {
    public enum Until: Hashable, Sendable, Codable {
        /// The shop's record changes: paid, shipped, accepted.
        case recordChanges
        /// A setting changes.
        case setting(String)
        /// The ERP's books change, for instance a period is opened.
        case books(String)
        case time(Instant)
    }

    public let until: Until
    /// One clause: `payment`, `delivery`, `live mode`.
    public let waitingFor: String

    public init(until: Until, waitingFor: String) {
        self.until = until
        self.waitingFor = waitingFor
    }
}

/// Why a record is not synced.
public struct Exclusion: Hashable, Sendable, Codable {
    public enum Rule: String, Hashable, Sendable, Codable, CaseIterable {
        case beforeExclusionDate = "BEFORE_EXCLUSION_DATE"
        case draftOrder = "DRAFT_ORDER"
        case trashedOrder = "TRASHED_ORDER"
        case cancelledOrder = "CANCELLED_ORDER"
        case failedOrder = "FAILED_ORDER"
        case zeroValueOrder = "ZERO_VALUE_ORDER"
        case testOrder = "TEST_ORDER"
        case statusFilter = "STATUS_FILTER"
        case excludedByPerson = "EXCLUDED_BY_PERSON"
        case bookedByHand = "BOOKED_BY_HAND"
        case undoneByPerson = "UNDONE_BY_PERSON"
        case refundedBeforeInvoice = "REFUNDED_BEFORE_INVOICE"
    }

    public let rule: Rule
    public let detail: String

    public init(_ rule: Rule, _ detail: String) {
        self.rule = rule
        self.detail = detail
    }
}
