import ConnectorKit
import Domain

/// Files kept with entries, as their evidence: once, with the right entry, byte for byte.
extension ERPCheck {
    static let attachments: [ERPCheck] = [
        ERPCheck("a file is kept with its entry once, byte for byte, and found again") { subject in
            guard let scene = try await AttachmentScene(subject) else { return }
            let draft = try await scene.draft("kept")
            let made = try await scene.attach(draft)
            for again in [scene, AttachmentScene(try await ERPScene(subject))] {
                guard case .alreadyThere(let found) = try await again.scene.perform(.attach(draft)) else {
                    throw AcceptanceFailure("a file that was there is not told as such")
                }
                try require(found.id, is: made, "the file that is found")
            }
            try await scene.requireOne(draft)
        },
        ERPCheck("equal files of two entries are each kept with their own") { subject in
            guard let scene = try await AttachmentScene(subject) else { return }
            let drafts = [try await scene.draft("one"), try await scene.draft("other")]
            for draft in drafts { try await scene.attach(draft) }
            for draft in drafts { try await scene.requireOne(draft) }
        },
        ERPCheck("a file whose answer was lost, at whichever of its calls, is kept once when it is done again") {
            subject in
            for call in 0..<subject.calls(of: .attach) {
                for manner in [ERPFault.Manner.lostBefore, .lostAfter, .serverError] {
                    guard let scene = try await AttachmentScene(subject) else { return }
                    let draft = try await scene.draft("lost-\(call)-\(manner)")
                    let faulty = try await ERPScene(subject, ERPFault(.attach, manner, call: call))
                    let outcome = try await faulty.perform(.attach(draft))
                    guard case .unknown = outcome else {
                        throw AcceptanceFailure("a file, \(manner) at call \(call), came to \(outcome)")
                    }
                    try await scene.attach(draft)
                    try await scene.requireOne(draft)
                }
            }
        },
    ]
}

/// Attaches a report to the entry of a payout.
private struct AttachmentScene {
    let scene: ERPScene

    /// `nil` where the connector attaches no files.
    init?(_ subject: any ERPSubject) async throws {
        self.init(try await ERPScene(subject))
        guard scene.erp.capabilities.kinds[.attachment] != nil else { return nil }
    }

    init(_ scene: ERPScene) { self.scene = scene }

    /// Of an entry that is posted for it; every byte there is.
    func draft(_ id: String) async throws -> AttachmentDraft {
        let entries = EntryScene(scene)
        let entry = entries.draft(id)
        return AttachmentDraft(
            reference: ExternalReference(
                shop: scene.subject.shop, record: entry.reference.record, kind: .attachment,
                ordinal: entry.reference.ordinal),
            entry: try await entries.post(entry).id, name: "report \(scene.subject.shop).txt",
            content: Array(0...255))
    }

    @discardableResult
    func attach(_ draft: AttachmentDraft) async throws -> DocumentID {
        switch try await scene.perform(.attach(draft)) {
        case .done(let file), .alreadyThere(let file): return file.id
        case let outcome: throw AcceptanceFailure("the file came to \(outcome)")
        }
    }

    func requireOne(_ draft: AttachmentDraft) async throws {
        let files = try await scene.subject.files(of: draft.entry)
        try require(files.count, is: 1, "files with entry \(draft.entry)")
        guard let file = files.first else { return }
        try require(file.content, is: draft.content, "the file's bytes")
        try require(file.name.contains(draft.name), "\(file.name) instead of \(draft.name)")
    }
}
