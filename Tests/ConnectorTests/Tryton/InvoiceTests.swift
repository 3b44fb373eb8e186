import ConnectorKit
@testable import Connectors
import Domain
import TestKit
import Testing

@Suite struct TrytonInvoiceTests {
    private func document(_ id: Int, _ state: String, total: String = "99.00", tax: String = "19.80") throws
        -> ERPDocument
    {
        try TrytonInvoice(try #require(TrytonRow(ScriptedScene.invoice(id, state, total: total, tax: tax)))).document
    }

    private func create(_ scene: ScriptedScene, _ orders: Int...) async throws -> [StepOutcome] {
        let steps = try orders.map { Step.createInvoice(scene.invoiceDraft(try scene.draft("1"), $0)) }
        let outcome = await scene.connector.perform(steps, deadline: scene.deadline)
        guard case .each(let outcomes) = outcome else { throw Problem(.internalError, "\(outcome)") }
        return outcomes
    }

    private func scene(_ invoices: [JSONValue], then written: [JSONValue] = []) -> ScriptedScene {
        ScriptedScene([
            "sale.sale.search_read": [.result([ScriptedScene.sale(1, "processing", invoices: invoices)])],
            "account.invoice.search_read": [.result(.array(written))],
        ])
    }

    @Test func `an invoice that is right is only given its number and date`() async throws {
        let scene = scene([ScriptedScene.invoice(8, "draft")], then: [ScriptedScene.invoice(8, "draft")])

        #expect(try await create(scene, 1) == [.done(try document(8, "draft"))])
        let written = scene.tryton.params("account.invoice.write")
        #expect(written[0] == [8])
        #expect(written[1]["reference"] == "1")
        #expect(written[1]["invoice_date"]?["day"] == 20)
        #expect(written[1]["taxes"] == nil)
    }

    @Test func `VAT that is off by the tolerance is set to the shop's`() async throws {
        let scene = scene(
            [ScriptedScene.invoice(8, "draft", total: "99.01", tax: "19.81")],
            then: [ScriptedScene.invoice(8, "draft")])

        #expect(try await create(scene, 1) == [.done(try document(8, "draft"))])
        let correction = scene.tryton.params("account.invoice.write")[1]["taxes"]
        #expect(correction == [["write", [11], ["amount": ScriptedScene.decimal("19.80")]]])
    }

    @Test func `VAT that is off by more is told with both amounts, and nothing is written`() async throws {
        let scene = scene([ScriptedScene.invoice(8, "draft", total: "99.02", tax: "19.82")])

        let text =
            "the ERP's invoice comes to 99.02 SEK (VAT VAT25 19.82), the shop's order to 99.00 SEK (VAT VAT25 19.80)"
        #expect(try await create(scene, 1) == [.rejected(Problem(.totalDiffers, text))])
        #expect(!scene.tryton.methods.contains("account.invoice.write"))
    }

    @Test func `a correction that Tryton did not keep is found out`() async throws {
        let scene = scene(
            [ScriptedScene.invoice(8, "draft", total: "99.01", tax: "19.81")],
            then: [ScriptedScene.invoice(8, "draft", total: "99.01", tax: "19.81")])

        guard case .rejected(let problem) = try await create(scene, 1)[0] else {
            throw Problem(.internalError, "not rejected")
        }
        #expect(problem.code == .totalDiffers)
    }

    @Test func `an invoice that people booked is taken as it is`() async throws {
        let scene = scene([ScriptedScene.invoice(8, "posted")])

        #expect(try await create(scene, 1) == [.alreadyThere(try document(8, "posted"))])
    }

    @Test func `an invoice that was validated and is right is given its number all the same`() async throws {
        let scene = scene([ScriptedScene.invoice(8, "validated")], then: [ScriptedScene.invoice(8, "validated")])

        #expect(try await create(scene, 1) == [.done(try document(8, "validated"))])
        #expect(scene.tryton.params("account.invoice.write")[1]["reference"] == "1")
    }

    @Test func `several invoices of one order are a conflict, cancelled ones beside a live one are not`() async throws {
        let two = scene([ScriptedScene.invoice(8, "draft"), ScriptedScene.invoice(9, "draft")])
        let one = scene(
            [ScriptedScene.invoice(8, "cancelled"), ScriptedScene.invoice(9, "draft")],
            then: [ScriptedScene.invoice(9, "draft")])
        let none = scene([ScriptedScene.invoice(8, "cancelled")])

        guard case .rejected(let conflict) = try await create(two, 1)[0],
            case .rejected(let gone) = try await create(none, 1)[0]
        else { throw Problem(.internalError, "not rejected") }
        #expect(conflict.code == .documentConflict)
        #expect(gone.code == .documentGone)
        #expect(try await create(one, 1) == [.done(try document(9, "draft"))])
    }

    @Test func `a sale without its invoice yet is processed once more`() async throws {
        let scene = ScriptedScene([
            "sale.sale.search_read": [
                .result([ScriptedScene.sale(1, "processing")]),
                .result([ScriptedScene.sale(1, "processing", invoices: [ScriptedScene.invoice(8, "draft")])]),
            ],
            "account.invoice.search_read": [.result([ScriptedScene.invoice(8, "draft")])],
        ])

        #expect(try await create(scene, 1) == [.done(try document(8, "draft"))])
        #expect(scene.tryton.methods.filter { $0 == "sale.sale.process" }.count == 2)
    }

    @Test func `cancelled and deleted orders are told, the others get their invoices`() async throws {
        let sales = [
            ScriptedScene.sale(1, "cancelled"), ScriptedScene.sale(3, "confirmed"),
        ]
        let after = [
            ScriptedScene.sale(1, "cancelled"),
            ScriptedScene.sale(3, "processing", invoices: [ScriptedScene.invoice(8, "draft")]),
        ]
        let scene = ScriptedScene([
            "sale.sale.process": [.userError("You can not call \"process\" on \"1\" of \"Sale\"."), .result(nil)],
            "sale.sale.search_read": [.result(.array(sales)), .result(.array(after))],
            "account.invoice.search_read": [.result([ScriptedScene.invoice(8, "draft")])],
        ])

        let found = try await create(scene, 1, 2, 3)

        #expect(found[0] == .rejected(Problem(.documentGone, "order #1 was cancelled in Tryton")))
        #expect(found[1] == .rejected(Problem(.documentGone, "order #2 was deleted in Tryton")))
        #expect(found[2] == .done(try document(8, "draft")))
        #expect(scene.tryton.params("sale.sale.process", 1).first == [3])
    }
}

@Suite struct TrytonBookingTests {
    private let day = Sample.day("2026-11-20")

    private func book(_ scene: ScriptedScene, _ ids: Int..., trueDate: Day? = nil) async -> BatchOutcome {
        let reference = ExternalReference(shop: Sample.shop, record: "order-1", kind: .invoice)
        return await scene.connector.perform(
            ids.map { id in
                .bookInvoice(reference, DocumentID(String(id)), dated: day, date: day, trueDate: trueDate ?? day)
            },
            deadline: scene.deadline)
    }

    private func document(_ id: Int, _ state: String) throws -> ERPDocument {
        try TrytonInvoice(try #require(TrytonRow(ScriptedScene.invoice(id, state)))).document
    }

    private func posted(_ ids: Int...) -> ScriptedTryton.Answer {
        .result(.array(ids.map { ScriptedScene.invoice($0, "posted") }))
    }

    @Test func `a batch is dated, validated, posted and read back in four calls`() async throws {
        let scene = ScriptedScene(["account.invoice.search_read": [posted(8, 9)]])

        #expect(await book(scene, 8, 9) == .each([.done(try document(8, "posted")), .done(try document(9, "posted"))]))
        #expect(
            scene.tryton.methods == [
                "account.invoice.write", "account.invoice.validate_invoice", "account.invoice.post",
                "account.invoice.search_read",
            ])
        #expect(scene.tryton.params("account.invoice.write").first == [8, 9])
        #expect(scene.tryton.params("account.invoice.write")[1]["comment"] == nil)
    }

    @Test func `an invoice booked on another day than its own says so`() async throws {
        let scene = ScriptedScene(["account.invoice.search_read": [posted(8)]])

        _ = await book(scene, 8, trueDate: Sample.day("2026-10-31"))

        let text = scene.tryton.params("account.invoice.write")[1]["comment"]?.string
        #expect(text?.contains("2026-10-31") == true)
    }

    @Test func `what people posted, cancelled or deleted meanwhile is told, the rest is posted`() async throws {
        let refused = ScriptedTryton.Answer.userError(
            "You are not allowed to modify the field \"Invoice Date\" in record \"INV-1\" of \"Account Invoice\".")
        let scene = ScriptedScene([
            "account.invoice.write": [refused, .result(nil)],
            "account.invoice.search_read": [
                .result([
                    ScriptedScene.invoice(7, "paid"), ScriptedScene.invoice(8, "draft"),
                    ScriptedScene.invoice(9, "cancelled"),
                ]),
                posted(8),
            ],
        ])

        let outcome = await book(scene, 7, 8, 9, 10)

        #expect(
            outcome
                == .each([
                    .alreadyThere(try document(7, "paid")), .done(try document(8, "posted")),
                    .rejected(Problem(.documentGone, "invoice #9 was cancelled in Tryton")),
                    .rejected(Problem(.documentGone, "invoice #10 was deleted in Tryton")),
                ]))
        #expect(scene.tryton.params("account.invoice.post").first == [8])
    }

    @Test func `a harmless warning is consented to for the whole batch at once`() async throws {
        let scene = ScriptedScene([
            "account.invoice.post": [
                .warning("\(MD5.hex("account.invoice,8")).invoice_taxes", "not the default taxes"), .result(nil),
            ],
            "res.user.warning.create": [.result([41, 42])],
            "res.user.warning.search_read": [.result([["id": 42]])],
            "account.invoice.search_read": [posted(8, 9)],
        ])

        guard case .each = await book(scene, 8, 9) else { throw Problem(.internalError, "not booked") }

        let names = scene.tryton.params("res.user.warning.create").first?.array?.compactMap { $0["name"]?.string }
        #expect(
            Set(names ?? []) == [
                "\(MD5.hex("account.invoice,8")).invoice_taxes", "\(MD5.hex("account.invoice,9")).invoice_taxes",
            ])
        #expect(scene.tryton.params("res.user.warning.delete").first == [42])
    }

    @Test func `any other warning asks a person`() async throws {
        let scene = ScriptedScene(["account.invoice.post": [.warning("abc.something_grave", "Really?")]])

        #expect(await book(scene, 8) == .refused(Problem(.consentNeeded, "Tryton warns: Really?")))
    }

    @Test func `a future that has begun somewhere on earth needs nobody, any other does`() async throws {
        let warning = TrytonWarning(name: "abc.invoice_date_future", message: "future")
        let now = Sample.instant("2026-11-20T23:00:00Z")

        #expect(TrytonConsent(dates: [Sample.day("2026-11-21")], now: now).mayBeGiven(warning))
        #expect(!TrytonConsent(dates: [Sample.day("2026-11-22")], now: now).mayBeGiven(warning))
    }

    @Test func `a series used for a later date is refused for a batch and tried anew for one`() async throws {
        let text = "To number the invoice \"(8)\", you must set an invoice date after \"11/20/2026\" because it is so."
        let many = ScriptedScene(["account.invoice.post": [.userError(text)]])
        let one = ScriptedScene(["account.invoice.post": [.userError(text)]])

        guard case .refused = await book(many, 8, 9) else { throw Problem(.internalError, "not refused") }
        guard case .retry = await book(one, 8) else { throw Problem(.internalError, "not retry") }
    }

    @Test func `an invoice that is validated already is posted with the others`() async throws {
        let refused = ScriptedTryton.Answer.userError(
            "You can not call \"validate_invoice\" on \"(8)\" of \"Account Invoice\".")
        let scene = ScriptedScene([
            "account.invoice.validate_invoice": [refused, .result(nil)],
            "account.invoice.search_read": [
                .result([ScriptedScene.invoice(8, "validated"), ScriptedScene.invoice(9, "draft")]), posted(8, 9),
            ],
        ])

        #expect(await book(scene, 8, 9) == .each([.done(try document(8, "posted")), .done(try document(9, "posted"))]))
        #expect(scene.tryton.params("account.invoice.validate_invoice", 1).first == [9])
        #expect(scene.tryton.params("account.invoice.post").first == [8, 9])
    }

    @Test func `a closed period is told as one`() async throws {
        let text = "To continue, you must reopen the period \"2026-11\" of company \"X\" for the date \"11/20/2026\"."
        let scene = ScriptedScene(["account.invoice.post": [.userError(text)]])

        guard case .refused(let problem) = await book(scene, 8) else { throw Problem(.internalError, "not refused") }
        #expect(problem.code == .periodClosed)
    }

    @Test func `a post without an answer is unknown`() async throws {
        let scene = ScriptedScene(["account.invoice.post": [.http(504)]])

        guard case .unknown = await book(scene, 8) else { throw Problem(.internalError, "not unknown") }
        #expect(scene.tryton.methods.filter { $0 == "account.invoice.post" }.count == 1)
    }

    @Test func `an invoice that a dead process left half made is not found until it is finished`() async throws {
        let half = ScriptedScene.invoice(41, "draft", reference: "")
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "sale.sale.search_read": [.result([ScriptedScene.sale(31, "processing", invoices: [half])])]
            ]))
        let reference = ExternalReference(shop: Sample.shop, record: "order-1", kind: .invoice)

        #expect(try await scene.connector.find([reference]).isEmpty)
    }
}
