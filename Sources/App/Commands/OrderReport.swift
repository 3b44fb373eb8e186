import Domain
import Engine

/// Where one order stands, with its documents: what `status` and `export` tell.
struct OrderReport: Encodable {
    struct DocumentLine: Encodable {
        let kind: String
        let number: String?
        let id: String
        let state: String
        let date: String?
        let total: String?
    }

    let integration: String
    let number: String
    let id: String
    let state: String
    let code: String?
    let reason: String
    let cause: String?
    let fix: String?
    let createdAt: String
    let modifiedAt: String
    let fetchedAt: String
    let documents: [DocumentLine]
    let tasks: [TaskLine]

    struct TaskLine: Encodable {
        let id: Int64
        let trigger: String
        let state: String
        let startedAt: String
        let steps: [String]
    }

    static func entity(_ identifier: String, in integration: Integration) async throws -> Entity? {
        // A payout may bear an order's number, and is none.
        let found = try await integration.store.entities(integration: integration.name, matching: identifier)
            .filter { $0.key.type == .order }
        return found.first { $0.snapshot.number == identifier } ?? found.first
    }

    static func find(_ identifier: String, in integration: Integration) async throws -> OrderReport? {
        guard let entity = try await entity(identifier, in: integration) else { return nil }
        return OrderReport(
            entity,
            documents: try await integration.store.documents(of: entity.key),
            tasks: try await integration.store.tasks(of: entity.key)
        )
    }

    init(_ entity: Entity, documents: [Document], tasks: [SyncTask]) {
        let standing = entity.standing
        let entry = standing.code.flatMap(ProblemCode.init)?.entry
        integration = entity.key.integration
        // A record that could not be read has no number; its id is what people find it by in the shop.
        number = entity.snapshot.number.isEmpty ? entity.key.id : entity.snapshot.number
        id = entity.key.id
        state = standing.state.rawValue
        code = standing.code
        reason = standing.reason
        cause = entry?.cause
        fix = entry?.fix
        createdAt = entity.snapshot.createdAt.iso8601
        modifiedAt = entity.snapshot.modifiedAt.iso8601
        fetchedAt = entity.snapshot.fetchBegan.iso8601
        self.documents = documents.map { document in
            DocumentLine(
                kind: document.reference.kind.title, number: document.erp.number, id: document.erp.id.text,
                state: document.erp.state.rawValue, date: document.erp.date?.description,
                total: document.erp.total?.description)
        }
        self.tasks = tasks.map { task in
            TaskLine(
                id: task.id, trigger: task.trigger.rawValue, state: task.standing.state.rawValue,
                startedAt: task.createdAt.iso8601, steps: task.steps.map(\.message))
        }
    }

    var needsAttention: Bool { state == SyncState.stopped.rawValue }

    func print(asJSON: Bool) throws {
        if asJSON { try Output.json(self) } else { lines.forEach(Output.line) }
    }

    private var lines: [String] {
        let head =
            "order \(number): \(state)" + (state == "waiting" ? " for \(reason)" : reason.isEmpty ? "" : ", \(reason)")
        let why = [code.map { "  code   \($0)" }, cause.map { "  cause  \($0)" }, fix.map { "  fix    \($0)" }]
        let made = documents.map { line in
            "  "
                + [line.kind, line.number ?? "#\(line.id)", line.state, line.date, line.total].compactMap(\.self)
                .joined(separator: "  ")
        }
        return [head] + why.compactMap(\.self) + made
    }
}
