import ConnectorKit
import Domain
import Engine
import Foundation
import Sandbox
import TestKit
import Testing

/// Lives of orders that people have a hand in: changes after booking wait for their word, drafts for their booking; they cancel
/// drafts, undo orders and resume them, and delete refunds in the shop.
@Suite struct LifeWithPeopleTests {
    /// A campaign sets ORDERSYNC_TEST_SEEDS; each failure names its seed. A seed is twenty orders.
    static let seeds = 1...(ProcessInfo.processInfo.environment["ORDERSYNC_TEST_SEEDS"].flatMap { UInt64($0) } ?? 20)

    @Test(arguments: seeds)
    func whateverPeopleDoTheirWordBringsTheBooksToTheShop(_ seed: UInt64) async throws {
        let life = try await Life(seed)
        life.world.settings.invoices.changesAfterBooking = .propose
        life.world.settings.invoices.automaticBooking = !seed.isMultiple(of: 4)
        try await life.restart()
        for _ in 0..<10 {
            try await life.live(steps: 5)
            try await life.meddle()
        }
        try await life.settle()
        try await life.answerEverything()
        for order in life.orders { try await life.expectBooks(of: order) }
        let writes = life.world.erp.writeCalls
        try await life.lookAtEverythingAgain()
        #expect(life.world.erp.writeCalls == writes, "seed \(seed): the plan is not empty")
    }
}

extension Life {
    /// Something that people do between two visits of the sync.
    fileprivate func meddle() async throws {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bookDrafts()
        case 1: cancelADraft()
        case 2:
            if let key = keys().randomElement(using: &random) { try await decide(.undone, about: key) }
        default: deleteRefunds()
        }
        noteBooked()
    }

    /// Whether there was one.
    @discardableResult private func bookDrafts() -> Bool {
        let drafts = (world.erp.documents(.invoice) + world.erp.documents(.creditNote)).filter { $0.state == .draft }
        for draft in drafts { world.erp.edit(draft.id, to: .booked) }
        return !drafts.isEmpty
    }

    private func cancelADraft() {
        let draft = world.erp.documents(.invoice).filter { $0.state == .draft }.randomElement(using: &random)
        if let draft { world.erp.edit(draft.id, to: .cancelled) }
    }

    private func deleteRefunds() {
        world.clock.advance(by: .seconds(1))
        for index in orders.indices where orders[index].deleteRefund(at: world.clock.now()) {
            world.shop.put(orders[index].order)
        }
    }

    private func decide(_ kind: Decision.Kind, about key: EntityKey) async throws {
        try await process.store.decide(
            Decision(kind: kind, by: "Anna", at: world.clock.now(), reason: "her word"), about: key)
    }

    /// People answer whatever asks for them, until nothing does.
    fileprivate func answerEverything() async throws {
        try await process.store.markDue(keys(), trigger: .retry)
        for _ in 0..<20 {
            try await world.settle(process)
            var asks = bookDrafts()
            noteBooked()
            for key in keys() where try await answer(key) { asks = true }
            if !asks { return }
            // What waits is looked at again hourly; a draft that was read a moment ago is not read once more.
            world.clock.advance(by: .seconds(3600))
            let waiting = try await process.store.entities(
                integration: "test", type: .order, states: [.waiting], limit: 100)
            try await process.store.markDue(waiting.map(\.key), trigger: .retry)
        }
        Issue.record("seed \(seed): there is no end of questions")
    }

    /// Whether it had to be answered.
    private func answer(_ key: EntityKey) async throws -> Bool {
        guard let entity = try await process.store.entity(key) else { return false }
        switch (entity.standing.state, entity.standing.code) {
        case (.stopped, "CHANGED_AFTER_BOOKING"):
            let change = try Domain.change(
                of: try #require(entity.order), in: Sample.shop, documents: try await process.store.documents(of: key),
                settings: world.settings, books: try await world.erp.books())
            try await decide(.correct(try #require(change)), about: key)
        case (.stopped, "REFUND_WITHDRAWN"): try await decide(.undone, about: key)
        case (.stopped, "DOCUMENT_GONE"), (.excluded, "UNDONE_BY_PERSON"): try await decide(.withdrawn, about: key)
        default: return false
        }
        return true
    }
}
