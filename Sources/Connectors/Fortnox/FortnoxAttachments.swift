import ConnectorKit
import Domain

/// Keeps files with vouchers, as their evidence.
///
/// A file is uploaded to the inbox and then tied to its voucher, which takes it out of there. Fortnox takes the same file
/// any number of times and keeps no key with it, so ours begins its name. Before one is uploaded the files of the voucher
/// are looked at, and then those in the inbox, where an earlier try may have left it.
struct FortnoxAttachments: Sendable {
    /// Where files for vouchers lie until they are tied to one.
    private static let folder = "inbox_v"

    private let client: FortnoxClient

    init(_ client: FortnoxClient) { self.client = client }

    func attach(_ draft: AttachmentDraft, by deadline: Instant) async throws(FortnoxFailure) -> StepOutcome {
        guard let voucher = FortnoxVoucherKey(draft.entry) else {
            return .rejected(Problem(.documentGone, "\(draft.entry) is no voucher of Fortnox"))
        }
        let name = FortnoxFileName(draft)
        do throws(FortnoxFailure) {
            if let known = try await tied(name, to: voucher, by: deadline) { return .alreadyThere(known) }
            if let file = try await uploaded(name, size: draft.content.count, by: deadline) {
                return try await tie(file, name, to: voucher, by: deadline)
            }
            let file = try await upload(FortnoxUpload(name: name.text, content: draft.content), by: deadline)
            return try await tie(file, name, to: voucher, by: deadline)
        } catch {
            throw Self.advised(error)
        }
    }

    /// Whether the integration may do all this. Only reads.
    func tryPermissions(by deadline: Instant) async throws(FortnoxFailure) {
        do throws(FortnoxFailure) {
            _ = try await client.page("voucherfileconnections", "VoucherFileConnections", limit: 1, by: deadline)
            _ = try await client.get("inbox/\(Self.folder)", "Folder", by: deadline)
        } catch {
            throw Self.advised(error)
        }
    }

    // MARK: Looking

    /// The file of ours that the voucher has.
    private func tied(
        _ name: FortnoxFileName, to voucher: FortnoxVoucherKey, by deadline: Instant
    ) async throws(FortnoxFailure) -> ERPDocument? {
        // One search parameter in a call is allowed, and a number is found as a part of others too.
        let rows = try await client.list(
            "voucherfileconnections", "VoucherFileConnections", [(name: "vouchernumber", value: voucher.number)],
            by: deadline)
        return rows.first { row in
            guard FortnoxVoucherKey(row, year: "VoucherYear") == voucher else { return false }
            // Where Fortnox does not tell the name, any file counts as ours: rather none than one more with each try.
            return row.text("Name").map(name.isBorne) ?? true
        }.flatMap { Self.document($0, name) }
    }

    /// The id of a file that an earlier try uploaded and did not tie; one that came only in part is left alone.
    private func uploaded(
        _ name: FortnoxFileName, size: Int, by deadline: Instant
    ) async throws(FortnoxFailure) -> String? {
        let folder = try await client.get("inbox/\(Self.folder)", "Folder", by: deadline)
        return folder?.rows("Files").first { file in
            file.text("Name").map(name.isBorne) == true && file.decimal("Size") == ExactDecimal(size)
        }?.text("Id")
    }

    // MARK: Doing

    /// Answers the id by which a file is tied to a voucher; `ArchiveFileId` is for invoices.
    private func upload(_ file: FortnoxUpload, by deadline: Instant) async throws(FortnoxFailure) -> String {
        let made = try await client.upload("inbox?path=\(Self.folder)", "File", file, by: deadline)
        guard let id = made.text("Id") else { throw .unreadable("no file") }
        return id
    }

    private func tie(
        _ file: String, _ name: FortnoxFileName, to voucher: FortnoxVoucherKey, by deadline: Instant
    ) async throws(FortnoxFailure) -> StepOutcome {
        let connection: JSONValue = [
            "FileId": .string(file), "VoucherSeries": .string(voucher.series), "VoucherNumber": .string(voucher.number),
        ]
        // The year can only be named here. Without it Fortnox takes the voucher of this number in a year of its choice.
        let path = "voucherfileconnections?\(URLText.query([(name: "financialyear", value: voucher.year)]))"
        let made: FortnoxRow
        do throws(FortnoxFailure) {
            made = try await client.write(.post, path, "VoucherFileConnection", connection, by: deadline)
        } catch .refused(let refusal) {
            // A request that was long on its way may have tied it meanwhile.
            let row = try await client.get(
                "voucherfileconnections/\(URLText.encoded(file))", "VoucherFileConnection", by: deadline)
            guard let row, FortnoxVoucherKey(row, year: "VoucherYear") == voucher,
                let known = Self.document(row, name)
            else { throw .refused(refusal) }
            return .alreadyThere(known)
        } catch {
            throw error
        }
        if let other = FortnoxVoucherKey(made, year: "VoucherYear"), other != voucher {
            let text = "Fortnox tied \(name.text) to voucher \(other.id) instead of \(voucher.id): take it away there"
            return .rejected(Problem(.documentConflict, text))
        }
        guard let document = Self.document(made, name) else { throw .unreadable("no file") }
        return .done(document)
    }

    private static func document(_ connection: FortnoxRow, _ name: FortnoxFileName) -> ERPDocument? {
        connection.text("FileId").map { file in
            ERPDocument(id: DocumentID(file), number: connection.text("Name") ?? name.text, state: .booked)
        }
    }

    /// The voucher is booked whatever becomes of its file, so a person is told how to go on without.
    private static func advised(_ failure: FortnoxFailure) -> FortnoxFailure {
        switch failure {
        case .barred(let problem) where problem.code == .permissionMissing:
            .barred(
                Problem(
                    problem.code,
                    "reports are attached with the permissions inbox and connectfile: grant them with "
                        + "ordersync authorise, or set payments.attachReports: false. \(problem.detail)"))
        case .refused(let refusal):
            .refused(
                FortnoxRefusal(
                    Problem(
                        refusal.problem.code,
                        "the report is not attached; payments.attachReports: false does without. "
                            + refusal.problem.detail)))
        default: failure
        }
    }
}

/// What a file of ours is called: a mark of our key, by which it is found again, and the name that people know it by.
struct FortnoxFileName: Sendable {
    let text: String
    private let mark: String

    init(_ draft: AttachmentDraft) {
        mark = "OrderSync-\(draft.reference.fortnoxDigits)"
        let plain = String(draft.name.map { Self.isPlain($0) ? $0 : "_" })
        // What it ends with says what it is.
        text = "\(mark) " + (plain.count <= 80 ? plain : "\(plain.prefix(60))\(plain.suffix(20))")
    }

    func isBorne(by name: String) -> Bool { name.hasPrefix(mark) }

    /// In every system's file names, and in a header without quoting.
    private static func isPlain(_ sign: Character) -> Bool {
        sign.isASCII && (sign.isLetter || sign.isNumber) || " .-_()".contains(sign)
    }
}
