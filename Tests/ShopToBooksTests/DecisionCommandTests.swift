import ConnectorKit
import Domain
import Foundation
import Sandbox
import TestKit
import Testing

@testable import App

/// What people decide at the command line, with the product as a process of its own beside a simulated shop and Fortnox.
@Suite struct DecisionCommandTests {
    @Test func aChangeAfterBookingIsKeptCorrectedUndoneAndResumedByWord() async throws {
        try await DecisionDesk.open { desk in
            let number = try desk.bookedOrder()
            try await desk.run("sync", "orders")
            #expect(try await desk.report(number).state == "completed")
            let first = try #require(try await desk.report(number).total)

            try desk.edit(number, pieces: 3)
            try await desk.run("sync", "orders", expecting: .attention)
            #expect(try await desk.report(number).code == "CHANGED_AFTER_BOOKING")
            try await desk.decide("keep", number)
            #expect(try await desk.report(number).state == "completed")
            #expect(try await desk.report(number).total == first)

            // What was kept is not what the order shows now.
            try desk.edit(number, pieces: 4)
            try await desk.run("sync", "orders", expecting: .attention)
            try await desk.decide("correct", number)
            let corrected = try await desk.report(number)
            #expect(corrected.state == "completed")
            #expect(corrected.documents.map(\.kind).filter { $0 == "invoice" }.count == 2)
            #expect(corrected.total == desk.shopTotal(of: number))

            try await desk.decide("undo", number)
            #expect(try await desk.report(number).code == "UNDONE_BY_PERSON")
            #expect(try await desk.report(number).total == 0)
            let owed = try await desk.run("repayments").output
            #expect(owed.contains("credited, not repaid: 1"), "\(owed)")
            #expect(owed.contains(number), "\(owed)")

            try await desk.decide("resume", number)
            #expect(try await desk.report(number).state == "completed")
            #expect(try await desk.report(number).total == desk.shopTotal(of: number))
            #expect(try await desk.run("repayments").output.contains("credited, not repaid: none"))
        }
    }

    @Test func decisionsAboutWhatIsNotThereAreRefusedWithWords() async throws {
        try await DecisionDesk.open { desk in
            let number = try desk.bookedOrder()
            let unknown = try await desk.run(
                "correct", "order", "999999", "--by", "Eva", "--reason", "test", expecting: .usage)
            #expect(unknown.error.contains("order 999999 has no booked invoice here"), "\(unknown.error)")
            try await desk.run("sync", "orders")
            let nameless = try await desk.run("undo", "order", number, "--reason", "test", expecting: .usage)
            #expect(nameless.error.contains("--by"), "\(nameless.error)")
        }
    }
}

/// A small trade that has ended, and commands that are run on it.
private struct DecisionDesk {
    let world: DemoWorld

    static func open(_ body: (DecisionDesk) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let clock = SystemClock()
        let world = try await DemoWorld.start(
            .init(seed: 11, orders: 12, limitsRate: false, folder: folder.url.appending(path: "desk")), clock: clock)
        do { try await body(DecisionDesk(world: world)) } catch {
            await world.stop()
            throw error
        }
        await world.stop()
    }

    enum Ending: Int32 { case success = 0, attention = 1, usage = 2 }

    @discardableResult
    func run(_ arguments: String..., expecting ending: Ending = .success) async throws -> Command.Result {
        let result = try await Command.finished(Setup.executable, arguments + ["--config", world.configurationFile])
        #expect(result.status == ending.rawValue, "\(arguments): \(result.output)\(result.error)")
        return result
    }

    func decide(_ command: String, _ number: String) async throws {
        try await run(command, "order", number, "--by", "Eva", "--reason", "as agreed")
    }

    /// The number of a paid order in kronor that nothing was refunded of.
    func bookedOrder() throws -> String {
        let found = world.trade.truthByNumber.filter { _, order in
            order.outcome == .booked && order.refunds.isEmpty && order.currency == "SEK" && order.paidAt != nil
        }
        return try #require(found.keys.min())
    }

    func edit(_ number: String, pieces: Int) throws {
        let id = try #require(Int(number))
        let line = ShopOrderDraft.Line(productID: TradeCatalogue.articles[0].id, quantity: pieces)
        #expect(world.shop.editLines(id, [line], at: SystemClock().now() + .seconds(pieces)))
    }

    /// In öre.
    func shopTotal(of number: String) -> Int64? {
        let payload = Int(number).flatMap { world.shop.payload(of: $0) }
        let order = payload.flatMap { try? JSONDecoder().decode(ShopOrder.self, from: Data($0)) }
        return order.flatMap { try? Money($0.total, Sample.sek).minorUnits }
    }

    private struct ShopOrder: Decodable { let total: String }

    func report(_ number: String) async throws -> Report {
        let result = try await Command.finished(
            Setup.executable, ["status", "order", number, "--json", "--config", world.configurationFile])
        return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    }

    struct Report: Decodable {
        struct Line: Decodable {
            let kind: String
            let state: String
            let total: String?
        }
        let state: String
        let code: String?
        let documents: [Line]

        /// What the booked documents come to, in öre.
        var total: Int64? {
            let amounts = documents.filter { ["booked", "paid"].contains($0.state) }
                .compactMap(\.total).compactMap { try? Money($0.replacing(" SEK", with: ""), Sample.sek).minorUnits }
            return amounts.reduce(0, +)
        }
    }
}
