import ConnectorKit
@testable import Connectors
import Domain
import TestKit
import Testing

@Suite struct TrytonMatchingTests {
    private func draft(
        _ record: String = "customer-e-1", email: String? = "anna@example.test", number: String? = nil,
        vat: String? = nil, matchBy: [CustomerMatch] = [.organisationNumber, .email]
    ) -> CustomerDraft {
        CustomerDraft(
            reference: ExternalReference(shop: Sample.shop, record: record, kind: .customer), name: "Anna Svensson",
            isBusiness: number != nil, email: email, phone: nil, organisationNumber: number, vatNumber: vat,
            address: Sample.address, matchBy: matchBy)
    }

    private func party(
        _ id: Int, code: String = "", email: String = "", number: String = "", active: Bool = true
    ) throws -> TrytonParty {
        let row = try #require(
            TrytonRow(ScriptedScene.party(id, code: code, email: email, number: number, active: active)))
        return try TrytonParty(row)
    }

    private func decide(_ parties: [TrytonParty], _ drafts: CustomerDraft...) -> [TrytonMatching.Decision] {
        TrytonMatching(candidates: parties).decide(drafts)
    }

    @Test func `our own code names the customer, whoever else has the address`() throws {
        let ours = try party(7, code: "nordic-shop/customer-e-1")
        let others = [try party(3, email: "anna@example.test"), try party(4, email: "anna@example.test")]

        #expect(decide(others + [ours], draft()) == [.found(ours)])
    }

    @Test func `numbers are compared without dashes, addresses without case`() throws {
        let business = try party(3, number: "556677-8899")
        let person = try party(4, email: "Anna@Example.TEST")

        #expect(decide([business, person], draft(number: "5566778899")) == [.found(business)])
        #expect(decide([business, person], draft()) == [.found(person)])
    }

    @Test func `an address of two parties is for a person to decide`() throws {
        let both = [try party(3, email: "anna@example.test"), try party(4, email: "anna@example.test")]

        guard case .problem(let problem) = decide(both, draft())[0] else { throw Problem(.internalError, "matched") }
        #expect(problem.code == .customerAmbiguous)
        #expect(!problem.detail.contains("anna"))
    }

    @Test func `a company is not another company because one person orders for both`() throws {
        let other = try party(3, email: "anna@example.test", number: "5500000000")

        #expect(decide([other], draft(number: "5566778899")) == [.create])
    }

    @Test func `settings that never match always make, and still find their own`() throws {
        let person = try party(4, email: "anna@example.test")
        let ours = try party(5, code: "nordic-shop/customer-e-1")

        #expect(decide([person], draft(matchBy: [])) == [.create])
        #expect(decide([person, ours], draft(matchBy: [])) == [.found(ours)])
    }

    @Test func `two of a batch who are the same become one`() {
        let business = draft("customer-o-1", number: "5566778899")
        let decisions = decide([], draft(), business, draft(), draft("customer-id-9"))

        #expect(decisions == [.create, .sameAs(0), .sameAs(0), .sameAs(0)])
    }

    @Test func `a deactivated party of ours is told, a merged one is followed`() throws {
        let gone = try party(5, code: "nordic-shop/customer-e-1", active: false)
        guard case .problem(let problem) = decide([gone], draft())[0] else { throw Problem(.internalError, "matched") }
        #expect(problem.code == .documentGone)

        guard case .object(var members) = ScriptedScene.party(5, code: "nordic-shop/customer-e-1", active: false) else {
            throw Problem(.internalError, "no object")
        }
        members["replaced_by"] = 6
        let merged = try TrytonParty(try #require(TrytonRow(.object(members))))
        let into = try party(6)
        #expect(decide([merged, into], draft()) == [.found(into)])
    }

    @Test func `numbers are looked for as people type them`() {
        #expect(TrytonCustomers.spellings([draft(number: "5566778899")]) == ["5566778899", "556677-8899"])
        #expect(TrytonCustomers.pattern("a_b%c@x.test") == "a\\_b\\%c@x.test")
    }
}

@Suite struct TrytonCustomerTests {
    private let step = { (scene: ScriptedScene) in try Step.ensureCustomer(scene.draft().customer) }

    @Test func `somebody who made the same customer first is believed`() async throws {
        let draft = try ScriptedScene().draft().customer
        let theirs = ScriptedScene.party(5, code: TrytonMatching.code(draft.reference))
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "party.party.search_read": [.result([]), .result([theirs])],
                "party.party.create": [.userError("The code on party must be unique.")],
            ]))

        let outcome = await scene.connector.perform([.ensureCustomer(draft)], deadline: scene.deadline)

        guard case .each(let outcomes) = outcome, case .alreadyThere(let found) = outcomes.first else {
            throw Problem(.internalError, "\(outcome)")
        }
        #expect(found.id == DocumentID("5"))
    }

    @Test func `a number that Tryton holds to be none is kept without its type`() async throws {
        var draft = try ScriptedScene().draft().customer
        draft.vatNumber = "SE123456789001"
        let text = "The European VAT Number \"SE123456789001\" for party \"Anna\" is not valid."
        let made = ScriptedScene.party(5, code: TrytonMatching.code(draft.reference))
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "party.party.search_read": [.result([]), .result([made])],
                "party.party.create": [.userError(text), .result([5])],
            ]))

        let outcome = await scene.connector.perform([.ensureCustomer(draft)], deadline: scene.deadline)

        guard case .each(let outcomes) = outcome, case .done = outcomes.first else {
            throw Problem(.internalError, "\(outcome)")
        }
        let identifiers = (0...1).map { number in
            scene.tryton.params("party.party.create", number)[0][0]?["identifiers"]?[0]?[1]?[0]
        }
        #expect(identifiers[0]?["type"] == "eu_vat")
        #expect(identifiers[1]?["type"] == .null)
        #expect(identifiers[1]?["code"] == "SE123456789001")
    }

    @Test func `a country that Tryton lacks stops its customer and no other`() async throws {
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "party.party.search_read": [.result([]), .result([ScriptedScene.party(5)])],
                "party.party.create": [.result([5])],
            ]))
        let fine = try scene.draft("1").customer
        var abroad = fine
        abroad.reference = ExternalReference(shop: Sample.shop, record: "customer-id-2", kind: .customer)
        abroad.email = "other@example.test"
        abroad.address.country = "JP"

        let outcome = await scene.connector.perform(
            [.ensureCustomer(fine), .ensureCustomer(abroad)], deadline: scene.deadline)

        guard case .each(let outcomes) = outcome, case .done = outcomes[0], case .rejected(let problem) = outcomes[1]
        else { throw Problem(.internalError, "\(outcome)") }
        #expect(problem.code == .countryNotInERP)
    }

    @Test func `a customer that was made and not read back is unknown`() async throws {
        let scene = ScriptedScene(
            ScriptedScene.masterData([
                "party.party.search_read": [.result([]), .lost, .lost, .lost, .lost],
                "party.party.create": [.result([5])],
            ]))

        let outcome = await scene.connector.perform([try step(scene)], deadline: scene.deadline)

        guard case .unknown = outcome else { throw Problem(.internalError, "\(outcome)") }
    }
}
