import ConnectorKit
import Domain

/// Files that are kept with moves of the ledger. Tryton keeps no two of one name apart: our key is the description, and the step
/// that attaches one looks for it first.
struct TrytonAttachments: Sendable {
    private static let model = "ir.attachment"

    let client: TrytonClient

    func attach(_ draft: AttachmentDraft, by deadline: Instant) async throws(TrytonFailure) -> StepOutcome {
        let resource = "account.move,\(draft.entry.text)"
        let known = try await client.rows(
            Self.model, [["resource", "=", .string(resource)], ["description", "=", .string(draft.reference.key)]],
            ["name"], by: deadline)
        if let first = known.first { return .alreadyThere(Self.document(try first.id(), first)) }
        let made = try await client.create(
            Self.model,
            [
                [
                    "resource": .string(resource), "name": .string(draft.name), "type": "data",
                    "description": .string(draft.reference.key), "data": TrytonWire.bytes(draft.content),
                ]
            ], by: deadline)
        guard let id = made.first else { throw .unreadable("no attachment") }
        return .done(ERPDocument(id: DocumentID(String(id)), number: draft.name, state: .booked))
    }

    func read(
        _ ids: [DocumentID], by deadline: Instant
    ) async throws(TrytonFailure) -> [DocumentID: ERPDocument] {
        let numbers = ids.compactMap { Int($0.text) }
        let rows = try await client.rows(Self.model, [["id", "in", TrytonWire.ids(numbers)]], ["name"], by: deadline)
        var found: [DocumentID: ERPDocument] = [:]
        for row in rows {
            let document = Self.document(try row.id(), row)
            found[document.id] = document
        }
        return found
    }

    private static func document(_ id: Int, _ row: TrytonRow) -> ERPDocument {
        ERPDocument(id: DocumentID(String(id)), number: row.text("name"), state: .booked)
    }
}
