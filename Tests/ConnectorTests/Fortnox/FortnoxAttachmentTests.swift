import ConnectorKit
import Domain
import Sandbox
import TestKit
import Testing

@testable import Connectors

/// Files of vouchers: once each, byte for byte, though Fortnox takes two calls for one and keeps no key.
@Suite struct FortnoxAttachmentTests {
    private typealias Scene = FortnoxScene

    // MARK: Scene

    private func entry(_ id: String = "po_1", date: String = "2026-11-21", series: String? = nil) -> JournalEntryDraft {
        JournalEntryDraft(
            reference: ExternalReference(shop: Sample.shop, record: "payout-\(id)", kind: .journalEntry),
            date: Sample.day(date), series: series, text: "Stripe payout \(id)",
            rows: [
                .init(account: "1930", amount: Sample.money("99.00"), text: "Payout"),
                .init(account: "1580", amount: Sample.money("-99.00"), text: "Clearing"),
            ])
    }

    private func post(_ scene: FortnoxScene, _ entry: JournalEntryDraft) async throws -> DocumentID {
        try scene.made(await scene.perform(.createJournalEntry(entry))).id
    }

    private func report(
        _ entry: DocumentID, _ id: String = "po_1", name: String = "stripe po_1.csv", content: [UInt8] = Array(0...255)
    ) -> AttachmentDraft {
        AttachmentDraft(
            reference: ExternalReference(shop: Sample.shop, record: "payout-\(id)", kind: .attachment), entry: entry,
            name: name, content: content)
    }

    /// A report of an entry that is posted.
    private func posted(_ scene: FortnoxScene, content: [UInt8] = Array(0...255)) async throws -> AttachmentDraft {
        report(try await post(scene, entry()), content: content)
    }

    private func attach(_ scene: FortnoxScene, _ draft: AttachmentDraft) async throws -> DocumentID {
        try scene.made(await scene.perform(.attach(draft))).id
    }

    /// The report is the only file there is, and lies with its voucher.
    private func expectOne(
        _ scene: FortnoxScene, _ draft: AttachmentDraft, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let files = scene.company.books.files
        #expect(files.map(\.voucher) == [draft.entry.text], sourceLocation: sourceLocation)
        #expect(files.map(\.content) == [draft.content], sourceLocation: sourceLocation)
    }

    // MARK: Once

    @Test func aReportTakesFourCallsAndIsFoundWithOne() async throws {
        try await Scene.open { scene in
            let draft = try await posted(scene)
            let calls = try await scene.calls { _ = try await attach(scene, draft) }
            let expected = [
                "GET voucherfileconnections": 1, "GET inbox/*": 1, "POST inbox": 1, "POST voucherfileconnections": 1,
            ]
            #expect(calls == expected)
            expectOne(scene, draft)

            let again = try await scene.calls {
                guard case .alreadyThere = await scene.perform(.attach(draft)) else {
                    return #expect(Bool(false), "it was there")
                }
            }
            #expect(again == ["GET voucherfileconnections": 1])
        }
    }

    @Test(arguments: ["POST inbox", "POST voucherfileconnections"])
    func aReportWhoseAnswerWasLostIsTheSameTheNextTime(_ route: String) async throws {
        for fault in [SandboxFault.loseBefore, .loseAfter, .cutBody(after: 10), .answer(HTTPReply(status: 503))] {
            for isNamed in [true, false] {
                var settings = Scene.companySettings
                settings.namesConnectedFiles = isNamed
                try await Scene.open(settings) { scene in
                    let draft = try await posted(scene)
                    let first = OnceAt(route)
                    scene.company.onRequest { first($0) ? fault : nil }
                    guard case .unknown = await scene.perform(.attach(draft)) else {
                        return #expect(Bool(false), "it may have been done")
                    }
                    for _ in 1...2 { _ = try await attach(scene, draft) }
                    expectOne(scene, draft)
                }
            }
        }
    }

    @Test(arguments: ["POST inbox", "POST voucherfileconnections"])
    func whatProvablyDidNothingIsSentAgainAndUploadsNothingTwice(_ route: String) async throws {
        try await Scene.open { scene in
            let draft = try await posted(scene)
            let first = OnceAt(route)
            scene.company.onRequest { first($0) ? .answer(HTTPReply(status: 429)) : nil }
            _ = try await attach(scene, draft)
            expectOne(scene, draft)
        }
    }

    @Test func aConnectionThatIsMadeMeanwhileIsTakenForOurs() async throws {
        var settings = Scene.companySettings
        settings.searchLag = .seconds(600)
        try await Scene.open(settings) { scene in
            let draft = try await posted(scene)
            let file = try #require(
                scene.company.upload(FortnoxFileName(draft).text, draft.content))
            scene.clock.advance(by: .seconds(600))
            let first = OnceAt("POST voucherfileconnections")
            scene.company.onRequest { first($0) ? .loseAfter : nil }
            guard case .unknown = await scene.perform(.attach(draft)) else {
                return #expect(Bool(false), "it may have been done")
            }
            // Neither list shows that it is done: Fortnox itself says that the file is taken.
            let late = OnceAt("GET inbox/*")
            scene.company.onRequest { request in
                guard late(request) else { return nil }
                let row = #"{"Id":"\#(file)","Name":"\#(FortnoxFileName(draft).text)","Size":256}"#
                return .answer(HTTPReply(status: 200, body: Array(#"{"Folder":{"Files":[\#(row)]}}"#.utf8)))
            }
            guard case .alreadyThere(let found) = await scene.perform(.attach(draft)) else {
                return #expect(Bool(false), "it was there")
            }
            #expect(found.id == DocumentID(file))
            expectOne(scene, draft)
        }
    }

    // MARK: The right voucher

    @Test func equalNumbersOfOtherYearsAndSeriesAreOtherVouchers() async throws {
        try await Scene.open { scene in
            scene.company.perform(
                "POST", "voucherseries", ["VoucherSeries": ["Code": "P", "Description": "Utbetalningar"]])
            let entries = [
                entry("po_1", date: "2025-12-30"), entry("po_2"), entry("po_3", series: "P"),
            ]
            var drafts: [AttachmentDraft] = []
            for entry in entries {
                drafts.append(report(try await post(scene, entry), String(entry.reference.record.dropFirst(7))))
            }
            #expect(drafts.map(\.entry.text) == ["1/A/1", "2/A/1", "2/P/1"])
            for draft in drafts + drafts { _ = try await attach(scene, draft) }
            #expect(scene.company.books.files.map(\.voucher) == drafts.map(\.entry.text))
        }
    }

    @Test func aReportThatFortnoxTiesToAnotherYearsVoucherIsToldAndNotTakenForDone() async throws {
        try await Scene.open { scene in
            let draft = try await posted(scene)
            let answer =
                #"{"VoucherFileConnection":{"FileId":"f","VoucherNumber":1,"VoucherSeries":"A","VoucherYear":1}}"#
            let first = OnceAt("POST voucherfileconnections")
            scene.company.onRequest { first($0) ? .answer(HTTPReply(status: 201, body: Array(answer.utf8))) : nil }
            #expect(scene.code(await scene.perform(.attach(draft))) == .documentConflict)
        }
    }

    @Test func aReportIsFoundAmongManyPagesOfFilesWithNumbersLikeItsOwn() async throws {
        try await Scene.open { scene in
            let draft = try await posted(scene)
            let number = draft.entry.text.split(separator: "/").last.map(String.init) ?? ""
            func fill() throws {
                for index in 1...600 {
                    let file = try #require(scene.company.upload("kvitto \(index).pdf", []))
                    scene.company.perform(
                        "POST", "voucherfileconnections",
                        [
                            "VoucherFileConnection": [
                                "FileId": .string(file), "VoucherSeries": "A", "VoucherNumber": .string(number),
                            ]
                        ])
                }
            }
            try fill()
            let made = try await attach(scene, draft)
            try fill()
            var found: DocumentID?
            let calls = try await scene.calls { found = try await attach(scene, draft) }
            #expect(found == made)
            #expect(calls == ["GET voucherfileconnections": 3])
            #expect(scene.company.books.files.filter { $0.content == draft.content }.count == 1)
        }
    }

    @Test func anIDThatIsNoVouchersAndAVoucherThatIsGoneAreRefused() async throws {
        try await Scene.open { scene in
            #expect(scene.code(await scene.perform(.attach(report(DocumentID("17"))))) == .documentGone)
            let gone = await scene.perform(.attach(report(DocumentID("2/A/17"))))
            guard case .rejected(let problem) = gone else { return #expect(Bool(false), "\(gone)") }
            #expect(problem.detail.contains("payments.attachReports: false"))
            #expect(scene.company.books.files.allSatisfy { $0.voucher == nil })
        }
    }

    // MARK: People

    @Test func aReportThatAPersonTookFromItsVoucherIsTiedAgainWithoutBeingUploadedAgain() async throws {
        try await Scene.open { scene in
            let draft = try await posted(scene)
            let file = try await attach(scene, draft)
            scene.company.perform("DELETE", "voucherfileconnections/\(file.text)")
            #expect(try await attach(scene, draft) == file)
            expectOne(scene, draft)
        }
    }

    @Test func aReportThatAPersonThrewAwayIsUploadedAnew() async throws {
        try await Scene.open { scene in
            let draft = try await posted(scene)
            let file = try await attach(scene, draft)
            scene.company.perform("DELETE", "voucherfileconnections/\(file.text)")
            scene.company.perform("DELETE", "inbox/\(file.text)")
            #expect(try await attach(scene, draft) != file)
            expectOne(scene, draft)
        }
    }

    @Test func aPersonsOwnFileWithTheVoucherIsNotTakenForTheReport() async throws {
        try await Scene.open { scene in
            let draft = try await posted(scene)
            let file = try #require(scene.company.upload("kontoutdrag.pdf", [1]))
            scene.company.perform(
                "POST", "voucherfileconnections",
                ["VoucherFileConnection": ["FileId": .string(file), "VoucherSeries": "A", "VoucherNumber": "1"]])
            for _ in 1...2 { #expect(try await attach(scene, draft) != DocumentID(file)) }
            #expect(scene.company.books.files.map(\.content) == [[1], draft.content])
        }
    }

    @Test func aFileThatCameOnlyInPartOrIsAnotherEntrysIsNotTied() async throws {
        try await Scene.open { scene in
            let draft = try await posted(scene)
            let other = report(draft.entry, "po_2")
            scene.company.upload(FortnoxFileName(draft).text, [UInt8](draft.content.dropLast()))
            scene.company.upload(FortnoxFileName(other).text, draft.content)
            scene.company.upload(draft.name, draft.content)
            _ = try await attach(scene, draft)
            let files = scene.company.books.files
            #expect(files.map(\.voucher) == [nil, nil, nil, draft.entry.text])
            #expect(files.last?.content == draft.content)
        }
    }

    // MARK: Files

    @Test func aFileOfNoBytesIsKeptOnceToo() async throws {
        for fault in [SandboxFault?.none, .loseAfter] {
            try await Scene.open { scene in
                let draft = try await posted(scene, content: [])
                let first = OnceAt("POST inbox")
                scene.company.onRequest { first($0) ? fault : nil }
                _ = await scene.perform(.attach(draft))
                _ = try await attach(scene, draft)
                expectOne(scene, draft)
            }
        }
    }

    @Test func aFileThatLooksLikeAFormIsKeptByteForByte() async throws {
        try await Scene.open { scene in
            let form = FortnoxUpload(name: "a", content: [1]).form
            let draft = try await posted(scene, content: form + Array("\r\n--ordersync\r\n\r\n--".utf8))
            _ = try await attach(scene, draft)
            expectOne(scene, draft)
        }
    }

    @Test(arguments: [
        ("stripe po_1.csv", "stripe po_1.csv"), ("a/b\\c:d*e?f\"g<h>i|j.txt", "a_b_c_d_e_f_g_h_i_j.txt"),
        ("klarna\r\nX-Evil: 1\".csv", "klarna_X-Evil_ 1_.csv"), ("utbetalning å ä.csv", "utbetalning _ _.csv"),
        (String(repeating: "p", count: 300) + ".csv", String(repeating: "p", count: 76) + ".csv"),
    ])
    func aNameIsKeptAsFarAsFileNamesAllow(_ name: String, _ kept: String) async throws {
        try await Scene.open { scene in
            var draft = try await posted(scene)
            draft.name = name
            for _ in 1...2 { _ = try await attach(scene, draft) }
            expectOne(scene, draft)
            let found = try #require(scene.company.books.files.first?.name)
            #expect(found == "OrderSync-\(draft.reference.fortnoxDigits) \(kept)")
        }
    }

    @Test func aFileThatFortnoxDoesNotTakeIsToldWithTheWayToGoOn() async throws {
        try await Scene.open { scene in
            let draft = try await posted(scene)
            let refusal = #"{"ErrorInformation":{"error":1,"message":"Filtypen stöds inte.","code":2000123}}"#
            let first = OnceAt("POST inbox")
            scene.company.onRequest { first($0) ? .answer(HTTPReply(status: 400, body: Array(refusal.utf8))) : nil }
            guard case .rejected(let problem) = await scene.perform(.attach(draft)) else {
                return #expect(Bool(false), "it was refused")
            }
            #expect(problem.code == .refusedByERP)
            #expect(problem.detail.contains("Filtypen"))
            #expect(problem.detail.contains("payments.attachReports: false"))
        }
    }

    // MARK: Permissions and series

    private static var payments: Settings {
        var settings = Scene.settings
        settings.payments = PaymentSettings()
        return settings
    }

    private static func company(without scope: String) -> FortnoxSandbox.Settings {
        var company = Scene.companySettings
        company.scope = company.scope.replacing(scope, with: "")
        return company
    }

    @Test(arguments: ["inbox", "connectfile"])
    func aPermissionThatIsMissingIsToldWithWhatToDoAndWaitedFor(_ scope: String) async throws {
        try await Scene.open(Self.company(without: scope)) { scene in
            let draft = try await posted(scene)
            guard case .retry(_, let problem) = await scene.perform(.attach(draft)) else {
                return #expect(Bool(false), "it waits for a person")
            }
            #expect(problem.code == .permissionMissing)
            for words in ["inbox and connectfile", "payments.attachReports: false"] {
                #expect(problem.detail.contains(words), "\(problem.detail)")
            }
            #expect(scene.company.books.files.isEmpty)
        }
    }

    @Test(arguments: ["inbox", "connectfile"])
    func checkTellsAPermissionThatIsMissingWhereReportsAreToBeAttached(_ scope: String) async throws {
        try await Scene.open(Self.company(without: scope)) { scene in
            let problems = await scene.connector.check(Self.payments)
            #expect(problems.map(\.code) == [.permissionMissing])
            #expect(problems.first?.detail.contains("payments.attachReports: false") == true)
            var without = Self.payments
            without.payments?.attachReports = false
            for settings in [without, Scene.settings] { #expect(await scene.connector.check(settings).isEmpty) }
        }
    }

    private static let series: [(String?, [String])] = [
        (nil, []), ("A", []), ("P", []), ("X", ["no voucher series X"]), ("B", ["series B", "by hand"]),
    ]

    @Test(arguments: series)
    func checkTellsASeriesThatTakesNoVouchersByHand(_ series: String?, _ told: [String]) async throws {
        try await Scene.open { scene in
            scene.company.perform(
                "POST", "voucherseries", ["VoucherSeries": ["Code": "P", "Description": "Utbetalningar"]])
            var settings = Self.payments
            settings.payments?.series = series
            let problems = await scene.connector.check(settings)
            #expect(problems.map(\.code) == (told.isEmpty ? [] : [.accountNotInERP]))
            for words in told { #expect(problems.first?.detail.contains(words) == true, "\(problems)") }
        }
    }

    @Test func authoriseAsksForWhatReportsNeedUnlessItIsToldOtherwise() async throws {
        try await Scene.open { scene in
            var configuration = Scene.configuration(scene.company)
            for (scopes, asked) in [(configuration.scopes, "inbox%20connectfile"), ("invoice", "scope=invoice&")] {
                // Integrations of one connection share what they are set up with.
                (configuration.scopes, configuration.connection) = (scopes, asked)
                let connector = FortnoxConnector(configuration, scene.tools)
                let page = connector.authorisationPage(redirect: "http://a", state: "s")
                #expect(page.contains(asked), "\(page)")
            }
        }
    }
}
