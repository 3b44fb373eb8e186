import ConnectorKit
@testable import Connectors
import Domain
import TestKit
import Testing

@Suite struct TrytonOrderTests {
    private let duplicate = ScriptedTryton.Answer.userError("The web ID on the sale must be unique per shop.")

    private func create(_ scene: ScriptedScene, _ ids: String...) async throws -> BatchOutcome {
        let steps = try ids.map { Step.createOrder(try scene.draft($0), customer: DocumentID("5")) }
        return await scene.connector.perform(steps, deadline: scene.deadline)
    }

    private func outcomes(_ outcome: BatchOutcome) throws -> [StepOutcome] {
        guard case .each(let outcomes) = outcome else { throw Problem(.internalError, "\(outcome)") }
        return outcomes
    }

    @Test func `a sale says who, what and at which exact price`() async throws {
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "sale.sale.create": [.result([31])],
                "sale.sale.search_read": [.result([ScriptedScene.sale(31, "draft")])],
            ]))

        let outcome = try await create(scene, "1")

        let sale = try #require(scene.tryton.params("sale.sale.create").first?[0])
        #expect(sale["web_id"] == "order-1")
        #expect(sale["web_shop"] == 1)
        #expect(sale["reference"] == "1")
        #expect(sale["invoice_address"] == 21)
        #expect(sale["shipment_cost_method"] == .null)
        let line = sale["lines"]?[0]?[1]?[0]
        #expect(line?["quantity"] == 1)
        #expect(line?["unit_price"]?["decimal"] == "79.2")
        #expect(line?["taxes"] == [["add", [1]]])
        #expect(try outcomes(outcome).first == .done(try document(31, "draft")))
    }

    private func document(_ id: Int, _ state: String) throws -> ERPDocument {
        try TrytonSale(try #require(TrytonRow(ScriptedScene.sale(id, state)))).document
    }

    @Test func `what can be told beforehand stops its order and no other`() async throws {
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "sale.sale.create": [.result([31])],
                "sale.sale.search_read": [.result([ScriptedScene.sale(31, "draft")])],
            ]))
        var unknown = try scene.draft("2")
        unknown.lines[0].article = "NO-SUCH"
        var yen = try scene.draft("3")
        yen.currency = Sample.currency("JPY")

        let outcome = await scene.connector.perform(
            [unknown, try scene.draft("1"), yen].map { .createOrder($0, customer: DocumentID("5")) },
            deadline: scene.deadline)

        let found = try outcomes(outcome)
        #expect(found[0] == .rejected(Problem(.articleNotFound, "article NO-SUCH is not in Tryton")))
        guard case .done = found[1], case .rejected(let problem) = found[2] else {
            throw Problem(.internalError, "\(found)")
        }
        #expect(problem.code == .currencyNotInERP)
        #expect(scene.tryton.params("sale.sale.create").first?.array?.count == 1)
    }

    @Test func `a missing article gives way to the placeholder where there is one`() async throws {
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "sale.sale.create": [.result([31])],
                "sale.sale.search_read": [.result([ScriptedScene.sale(31, "draft")])],
            ]))
        var draft = try scene.draft("1")
        draft.lines[0].article = "NO-SUCH"
        draft.lines[0].articleIfMissing = "MUG-001"

        let outcome = await scene.connector.perform(
            [.createOrder(draft, customer: DocumentID("5"))], deadline: scene.deadline)

        guard case .done = try outcomes(outcome)[0] else { throw Problem(.internalError, "\(outcome)") }
        #expect(scene.tryton.params("sale.sale.create").first?[0]?["lines"]?[0]?[1]?[0]?["product"] == 9)
    }

    @Test func `orders that are there already are told, the others are made`() async throws {
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "sale.sale.create": [duplicate, .result([32])],
                "sale.sale.search_read": [
                    .result([ScriptedScene.sale(31, "processing", webID: "order-1")]),
                    .result([ScriptedScene.sale(32, "draft", webID: "order-2")]),
                ],
            ]))

        let found = try outcomes(try await create(scene, "1", "2"))

        #expect(found == [.alreadyThere(try document(31, "processing")), .done(try document(32, "draft"))])
        #expect(scene.tryton.params("sale.sale.create", 1).first?.array?.count == 1)
    }

    @Test func `a refusal of the batch is told as nothing done`() async throws {
        let scene = ScriptedScene(
            ScriptedScene.masterData(["sale.sale.create": [.userError("The field is required.\nAnna")]]))

        let outcome = try await create(scene, "1", "2")

        #expect(outcome == .refused(Problem(.refusedByERP, "Tryton says: The field is required.")))
    }

    @Test func `a lost answer is unknown, and lost reading before it is no doubt`() async throws {
        let written = ScriptedScene(ScriptedScene.masterData(["sale.sale.create": [.lost]]))
        let lost = Array(repeating: ScriptedTryton.Answer.lost, count: 4)
        let reading = ScriptedScene(ScriptedScene.masterData(["account.tax.search_read": lost]))

        guard case .unknown = try await create(written, "1") else { throw Problem(.internalError, "not unknown") }
        guard case .retry = try await create(reading, "1") else { throw Problem(.internalError, "not retry") }
        #expect(written.tryton.methods.filter { $0 == "sale.sale.create" }.count == 1)
    }

    @Test func `the deadline is looked at before every call of a step`() async throws {
        let clock = VirtualClock(autoAdvance: true)
        let tryton = ScriptedTryton(ScriptedScene.masterData()) { method in
            if method == "party.party.search_read" { clock.advance(by: .seconds(100)) }
        }
        let client = TrytonClient(
            configuration: TrytonConfiguration(
                url: "http://tryton.test", database: "books", username: "u", password: Secret("p")),
            connection: Connection(name: "ERP", transport: tryton, clock: clock), clock: clock)
        let step = Step.createOrder(try ScriptedScene().draft("1"), customer: DocumentID("5"))

        let outcome = await TrytonConnector(client, shop: Sample.shop)
            .perform([step], deadline: clock.now() + .seconds(60))

        guard case .retry = outcome else { throw Problem(.internalError, "\(outcome)") }
        #expect(!tryton.methods.contains("sale.sale.create"))
    }

    @Test func `what is missing is asked for once per call, what is there is not asked for again`() async throws {
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "product.product.search_read": [
                    .result([]), .result([["id": 9, "code": "MUG-001", "sale_uom": 1, "salable": true]]),
                ]
            ]))

        let first = try outcomes(try await create(scene, "1"))
        _ = try await create(scene, "1")
        _ = try await create(scene, "1")

        guard case .rejected(let problem) = first[0] else { throw Problem(.internalError, "\(first)") }
        #expect(problem.code == .articleNotFound)
        #expect(scene.tryton.methods.filter { $0 == "product.product.search_read" }.count == 2)
        #expect(scene.tryton.methods.filter { $0 == "account.tax.search_read" }.count == 1)
    }

    // MARK: Confirming

    private func confirm(_ scene: ScriptedScene, _ ids: Int...) async throws -> [StepOutcome] {
        let reference = ExternalReference(shop: Sample.shop, record: "order-1", kind: .order)
        return try outcomes(
            await scene.connector.perform(
                ids.map { .confirmOrder(reference, DocumentID(String($0))) }, deadline: scene.deadline))
    }

    @Test func `sales that people moved on are left as they are, cancelled and deleted ones are told`() async throws {
        let before = [
            ScriptedScene.sale(1, "draft"), ScriptedScene.sale(2, "quotation"), ScriptedScene.sale(3, "done"),
            ScriptedScene.sale(4, "cancelled"),
        ]
        let after = [
            ScriptedScene.sale(1, "confirmed"), ScriptedScene.sale(2, "processing"), ScriptedScene.sale(3, "done"),
            ScriptedScene.sale(4, "cancelled"),
        ]
        let scene = ScriptedScene([
            "sale.sale.quote": [.userError("You can not call \"quote\" on \"2\" of \"Sale\"."), .result(nil)],
            "sale.sale.search_read": [.result(.array(before)), .result(.array(after))],
        ])

        let found = try await confirm(scene, 1, 2, 3, 4, 5)

        #expect(found[0] == .done(try document(1, "confirmed")))
        #expect(found[1] == .done(try document(2, "processing")))
        #expect(found[2] == .alreadyThere(try document(3, "done")))
        #expect(found[3] == .rejected(Problem(.documentGone, "order #4 was cancelled in Tryton")))
        #expect(found[4] == .rejected(Problem(.documentGone, "order #5 was deleted in Tryton")))
        #expect(scene.tryton.params("sale.sale.quote", 1).first == [1])
        #expect(scene.tryton.params("sale.sale.confirm").first == [1, 2])
    }

    @Test func `a batch as we left it is confirmed without reading states first`() async throws {
        let scene = ScriptedScene([
            "sale.sale.search_read": [.result([ScriptedScene.sale(1, "confirmed")])]
        ])

        #expect(try await confirm(scene, 1) == [.done(try document(1, "confirmed"))])
        #expect(scene.tryton.methods == ["sale.sale.quote", "sale.sale.confirm", "sale.sale.search_read"])
    }
}
