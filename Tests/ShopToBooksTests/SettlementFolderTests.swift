import ConnectorKit
import Connectors
import Domain
import Engine
import Foundation
import Logging
import Sandbox
import Storage
import Synchronization
import TestKit
import Testing

@testable import App

/// What becomes of files that are put into a watched folder.
@Suite struct SettlementFolderTests {
    // MARK: Good and bad

    @Test func aGoodFileIsBookedAndGoesToTakenAsItWas() async throws {
        let scene = try await FolderScene()
        let june = StripeReport(payout: "po_1", gross: "99.00")
        try scene.put("june.csv", june)
        let reports = try await scene.look()
        #expect(reports.map(\.file) == ["june.csv"])
        #expect(reports.flatMap(\.payouts).map(\.net) == ["96.10 SEK"])
        #expect(scene.names() == ["taken/june.csv"])
        #expect(try scene.text("taken/june.csv") == june.text)
        #expect(scene.erp.balance("1930") == 9610)
        #expect(try await scene.look().isEmpty)
    }

    @Test func aBadFileGoesToRefusedWithAPageThatSaysWhatIsWrongAndWhere() async throws {
        let scene = try await FolderScene()
        let june = StripeReport(payout: "po_1", gross: "99.0x")
        try scene.put("june.csv", june)
        #expect(try await scene.look().flatMap(\.problems).count == 1)
        #expect(scene.names() == ["refused/june.csv", "refused/june.csv.txt"])
        #expect(try scene.text("refused/june.csv") == june.text)
        let page = try scene.text("refused/june.csv.txt")
        #expect(page.hasPrefix("june.csv: nothing was taken, 1 problem\n"), "\(page)")
        #expect(
            page.contains("SETTLEMENT_FILE_UNREADABLE: line 2, column gross: \"99.0x\" is not an amount"), "\(page)")
        #expect(page.hasSuffix("\n"))
        #expect(scene.erp.writeCalls == 0)
        #expect(try await scene.look().isEmpty)
    }

    @Test func aBadFileKeepsNobodyElseWaiting() async throws {
        let scene = try await FolderScene()
        try scene.put("a.csv", "not;a;report\n")
        try scene.put("b.csv", StripeReport(payout: "po_1"))
        try scene.put("c.csv", "")
        try scene.put("d.csv", StripeReport(payout: "po_2"))
        _ = try await scene.look()
        #expect(
            scene.names() == [
                "refused/a.csv", "refused/a.csv.txt", "refused/c.csv", "refused/c.csv.txt", "taken/b.csv",
                "taken/d.csv",
            ])
        #expect(scene.erp.balance("1930") == 2 * 9610)
    }

    // MARK: Names

    @Test func aMendedFileOfTheSameNameIsTakenAndWhatWasRefusedIsStillThere() async throws {
        let scene = try await FolderScene()
        try scene.put("june.csv", StripeReport(payout: "po_1", gross: "99.0x"))
        _ = try await scene.look()
        try scene.put("june.csv", StripeReport(payout: "po_1"))
        _ = try await scene.look()
        #expect(scene.names() == ["refused/june.csv", "refused/june.csv.txt", "taken/june.csv"])
        #expect(scene.erp.balance("1930") == 9610)
    }

    /// Providers call every export the same.
    @Test func aSecondFileOfTheSameNameDoesNotTakeThePlaceOfTheFirst() async throws {
        let scene = try await FolderScene()
        let texts = ["po_1", "po_2", "po_3"].map { StripeReport(payout: $0).text }
        for text in texts {
            try scene.put("export.csv", text)
            _ = try await scene.look()
        }
        let taken = scene.names().filter { $0.hasPrefix("taken/") }
        #expect(taken.count == 3, "\(taken)")
        #expect(Set(try taken.map { try scene.text($0) }) == Set(texts))
        #expect(taken.contains("taken/export.csv") && taken.allSatisfy { $0.hasSuffix(".csv") }, "\(taken)")
        #expect(scene.erp.balance("1930") == 3 * 9610)
    }

    @Test func whatWasRefusedUnderOneNameIsKeptEachWithItsPage() async throws {
        let scene = try await FolderScene()
        for gross in ["1.0x", "2.0x"] {
            try scene.put("export.csv", StripeReport(payout: "po_1", gross: gross))
            _ = try await scene.look()
        }
        let refused = scene.names().filter { $0.hasSuffix(".csv") }
        #expect(refused.count == 2, "\(scene.names())")
        for name in refused {
            let page = try scene.text(name + ".txt")
            let gross = try scene.text(name).contains("1.0x") ? "1.0x" : "2.0x"
            #expect(page.contains(gross), "\(name): \(page)")
        }
    }

    @Test func theSameFileAgainIsKnownAndBookedOnce() async throws {
        let scene = try await FolderScene()
        for name in ["june.csv", "june (1).csv"] {
            try scene.put(name, StripeReport(payout: "po_1"))
            let reports = try await scene.look()
            #expect(reports.flatMap(\.payouts).map(\.isKnown) == [name != "june.csv"])
        }
        #expect(scene.names() == ["taken/june (1).csv", "taken/june.csv"])
        #expect(scene.erp.documents(.journalEntry).count == 1)
    }

    // MARK: What is on its way

    @Test func aFileThatIsStillWrittenToIsLeftAloneUntilItRests() async throws {
        let scene = try await FolderScene()
        let report = StripeReport(payout: "po_1").text
        try scene.put("june.csv", String(report.prefix(120)), age: .zero)
        #expect(try await scene.look().isEmpty)
        #expect(scene.names() == ["june.csv"])
        scene.clock.advance(by: .seconds(4))
        #expect(try await scene.look().isEmpty)

        try scene.put("june.csv", report, age: .zero)
        scene.clock.advance(by: .seconds(4))
        #expect(try await scene.look().isEmpty)
        scene.clock.advance(by: .seconds(4))
        #expect(try await scene.look().flatMap(\.problems).isEmpty)
        #expect(scene.names() == ["taken/june.csv"])
        #expect(scene.erp.balance("1930") == 9610)
    }

    @Test func whatIsHiddenOrAFolderIsNoFileOfOurs() async throws {
        let scene = try await FolderScene()
        // So uploaders call what they have not finished.
        try scene.put(".june.csv.part", "half")
        try scene.put("older/may.csv", StripeReport(payout: "po_0"))
        #expect(try await scene.look().isEmpty)
        #expect(scene.names() == [".june.csv.part", "older/may.csv"])
    }

    // MARK: What goes wrong around it

    @Test(arguments: [Moment.beforeItIsLookedAt, .beforeItIsRead])
    func aFileThatDisappearsHoldsUpNoOther(moment: Moment) async throws {
        let scene = try await FolderScene()
        for (name, payout) in [("a.csv", "po_1"), ("b.csv", "po_2"), ("c.csv", "po_3")] {
            try scene.put(name, StripeReport(payout: payout))
        }
        let file = scene.place(of: "b.csv")
        scene.clock.meddle(atLook: moment.rawValue) { try? FileManager.default.removeItem(at: file) }
        let reports = try await scene.look()
        #expect(reports.map(\.file) == ["a.csv", "c.csv"])
        #expect(scene.names() == ["taken/a.csv", "taken/c.csv"])
        #expect(scene.erp.balance("1930") == 2 * 9610)
    }

    /// By how often the clock was looked at: once for the list, then for each file that is taken.
    enum Moment: Int { case beforeItIsLookedAt = 1, beforeItIsRead }

    @Test func aFileThatCannotBePutAwayIsBookedOnceAndHoldsUpNoOther() async throws {
        let scene = try await FolderScene()
        // Nothing can be put into it, whoever we are.
        try scene.occupy("taken")
        try scene.put("a.csv", StripeReport(payout: "po_1"))
        try scene.put("b.csv", StripeReport(payout: "po_2", gross: "99.0x"))
        try scene.put("c.csv", StripeReport(payout: "po_3"))
        for look in 1...3 {
            let reports = try await scene.look()
            let told = reports.flatMap(\.lines).joined(separator: "\n")
            #expect(told.contains("a.csv: 1 payout") && told.contains("c.csv: 1 payout"), "look \(look): \(told)")
            // It was taken in, and a person has to make room for it.
            #expect(told.contains("cannot be moved to taken"), "look \(look): \(told)")
        }
        #expect(scene.names() == ["a.csv", "c.csv", "refused/b.csv", "refused/b.csv.txt"])
        #expect(scene.erp.documents(.journalEntry).count == 2)
        #expect(scene.erp.balance("1930") == 2 * 9610)

        scene.remove("taken")
        _ = try await scene.look()
        #expect(scene.names() == ["refused/b.csv", "refused/b.csv.txt", "taken/a.csv", "taken/c.csv"])
        #expect(scene.erp.documents(.journalEntry).count == 2)
    }

    @Test func aFolderThatCannotBeMadeIsToldByItsName() async throws {
        let scene = try await FolderScene(below: "a file")
        try scene.putBeside("a file", "no folder")
        let error = await #expect(throws: (any Error).self) { try await scene.look() }
        let text = error.map { "\($0)" } ?? ""
        #expect(text.contains("a file/stripe"), "\(text)")
    }

    @Test func theWatchOutlivesAFolderThatIsNotThereAndTakesWhatComesLater() async throws {
        let scene = try await FolderScene(below: "a file")
        try scene.putBeside("a file", "no folder")
        let watched = scene.watched
        let watch = Task { try await watched.run() }
        await scene.clock.sleepers()
        scene.removeBeside("a file")
        try scene.put("june.csv", StripeReport(payout: "po_1"))
        scene.clock.advance(by: .seconds(60))
        await scene.clock.sleepers()
        watch.cancel()
        try await watch.value
        #expect(scene.names() == ["taken/june.csv"])
    }
}

/// One charge of a payout, as the provider's report has it.
private struct StripeReport {
    let text: String

    init(payout: String, gross: String = "99.00") {
        let net = (try? Money(gross, Sample.sek)).map { ($0 - Sample.money("2.90")).amountText } ?? "0"
        text = """
            balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,automatic_payout_id,automatic_payout_effective_at_utc
            txn_\(payout),2026-11-20 10:00:00,sek,\(gross),2.90,\(net),other_adjustment,\(payout),2026-11-22 00:00:00

            """
    }
}

/// A folder that is looked into, and the books behind it.
private final class FolderScene {
    let clock = MeddlingClock(VirtualClock(Sample.instant("2026-11-23T12:00:00Z")))
    let erp: InProcessERP
    let watched: SettlementFolder
    private let integration: Integration
    private let home: TemporaryFolder
    private let folder: URL

    init(below parent: String = "") async throws {
        home = try TemporaryFolder()
        folder = home.url.appending(path: parent).appending(path: "stripe", directoryHint: .isDirectory)
        erp = InProcessERP(clock: clock)
        var settings = Sample.settings
        settings.payments = PaymentSettings(
            accounts: [
                PayoutAccounts(
                    provider: "stripe", currency: "SEK", clearing: "1580", bank: "1930",
                    fees: [PayoutFeeRule(account: "6570")], adjustments: "3999")
            ])
        let file = home.url.appending(path: "store.db").path
        let store = try await SQLStore.open(url: "sqlite:\(file)", clock: clock, process: "folder")
        integration = Integration(
            name: "test", shop: Sample.shop, storefront: InProcessShop(clock: clock), erp: erp,
            settings: try await store.adopt(settings, integration: "test", by: "test"), store: store, clock: clock,
            epoch: CurrentEpoch(try await store.start()),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let layout = try #require(SettlementLayouts.all["stripe"])
        watched = SettlementFolder(
            integration, SettlementFiles(provider: "stripe", layout: layout, folder: folder.path), folder: folder.path,
            every: .seconds(60))
        clock.forget()
    }

    /// One look into the folder, and what it brought is booked.
    @discardableResult
    func look() async throws -> [SettlementReport] {
        clock.forget()
        let reports = try await watched.takeAll()
        try await work()
        return reports
    }

    func work() async throws { try await Worker(integration, name: "test").workOff() }

    // MARK: Files

    func put(_ name: String, _ report: StripeReport) throws { try put(name, report.text) }

    /// A file that was last written to so long ago by the scene's clock.
    func put(_ name: String, _ text: String, age: Duration = .seconds(60)) throws {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        let written = clock.time - age
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: Double(written.milliseconds) / 1000)],
            ofItemAtPath: file.path)
    }

    /// Makes a name stand for something that is neither a file nor a folder.
    func occupy(_ name: String) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.appending(path: name).path, withDestinationPath: "/dev/null")
    }

    func putBeside(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: home.url.appending(path: name))
    }

    func place(of name: String) -> URL { folder.appending(path: name) }
    func remove(_ name: String) { try? FileManager.default.removeItem(at: place(of: name)) }
    func removeBeside(_ name: String) { try? FileManager.default.removeItem(at: home.url.appending(path: name)) }

    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: folder.appending(path: name)), as: UTF8.self)
    }

    /// Every file below the folder, sorted.
    func names() -> [String] {
        let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return all.filter { name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
            return attributes?[.type] as? FileAttributeType == .typeRegular
        }.sorted()
    }
}

/// A clock at whose look something else happens: what another program does at the worst of moments.
private final class MeddlingClock: WallClock {
    private struct State {
        var looks = 0
        var meddling: (look: Int, act: @Sendable () -> Void)?
    }

    private let clock: VirtualClock
    private let state = Mutex(State())

    init(_ clock: VirtualClock) { self.clock = clock }

    /// Without being looked at.
    var time: Instant { clock.now() }

    func now() -> Instant {
        let act = state.withLock { state in
            state.looks += 1
            return state.meddling.flatMap { $0.look == state.looks ? $0.act : nil }
        }
        act?()
        return clock.now()
    }

    /// Looks are counted from here on.
    func forget() { state.withLock { $0.looks = 0 } }

    func meddle(atLook look: Int, _ act: @escaping @Sendable () -> Void) {
        state.withLock { $0.meddling = (look, act) }
    }

    func sleep(for duration: Duration) async throws { try await clock.sleep(for: duration) }
    func advance(by duration: Duration) { clock.advance(by: duration) }
    func sleepers() async { await clock.sleepers() }
}
