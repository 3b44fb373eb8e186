/// Something that every ERP's connector must do. Run it on a subject of its own.
public struct ERPCheck: Sendable, CustomStringConvertible {
    /// A sentence: the behaviour, or the hazard that must not come true.
    public let name: String
    /// What it wants is decided before the ERP is asked: no broken connector can fail it.
    public let isDecidedByPlan: Bool
    let body: @Sendable (any ERPSubject) async throws -> Void

    init(
        _ name: String, isDecidedByPlan: Bool = false,
        _ body: @escaping @Sendable (any ERPSubject) async throws -> Void
    ) {
        self.name = name
        self.isDecidedByPlan = isDecidedByPlan
        self.body = body
    }

    /// - Throws: `AcceptanceFailure` when the connector does not behave, or what it threw.
    public func run(on subject: any ERPSubject) async throws { try await body(subject) }

    public var description: String { name }

    public static let all: [ERPCheck] =
        once + finding + contents + refusals + credits + changes + rules + saleRules + ledger

    /// Payments, journal entries and their files: many calls each, where the ERP is slow.
    public static let ledger: [ERPCheck] = payments + paymentRefusals + exchange + entries + attachments
}
