import ConnectorKit
import Domain
import Foundation
import Sandbox

/// The simulated systems of the demo, with a month of trade between them and the server.
struct DemoWorld {
    let shop: WooCommerceSandbox
    let fortnox: FortnoxSandbox
    let stripe: StripeSandbox
    let trade: Trade
    let payments: TradePayments
    /// Holds the configuration, the store and its key.
    let folder: URL

    struct Options {
        var seed: UInt64
        var orders: Int
        var limitsRate: Bool
        var folder: URL
        /// How long new documents are missing from Fortnox's searches.
        var searchLag = Duration.zero
    }

    /// Starts them on loopback, lets a month happen and writes the configuration.
    static func start(_ options: Options, clock: any WallClock) async throws -> DemoWorld {
        try refuseOthersFiles(in: options.folder)
        let shop = WooCommerceSandbox(clock: clock)
        let fortnox = FortnoxSandbox(settings: company(options, at: clock.now()), clock: clock)
        let stripe = StripeSandbox(clock: clock)
        let trade = Trade(TradeGenerator(seed: options.seed), in: shop)
        let payments = TradePayments(in: stripe, of: trade, seed: options.seed)
        trade.month(of: options.orders, ending: clock.now())
        payments.catchUp(with: trade.happened)
        payments.advance(to: clock.now())
        try await shop.start()
        try await fortnox.start()
        try await stripe.start()
        let world = DemoWorld(
            shop: shop, fortnox: fortnox, stripe: stripe, trade: trade, payments: payments, folder: options.folder)
        let zone = clock.now() - .seconds(60 * 24 * 3600)
        let configuration = DemoConfiguration(
            store: world.file("ordersync.db"), shop: shop.address, fortnox: fortnox.address,
            stripe: stripe.address,
            firstDay: zone.day(in: .utc).description, callsPer5Seconds: options.limitsRate ? 25 : 0)
        try FileManager.default.createDirectory(at: options.folder, withIntermediateDirectories: true)
        try configuration.yaml.write(toFile: world.configurationFile, atomically: true, encoding: .utf8)
        return world
    }

    /// A store remembers other simulators than those that are about to start, and a configuration may be somebody's own.
    private static func refuseOthersFiles(in folder: URL) throws {
        for name in ["ordersync.db", "ordersync.yaml"] {
            let path = folder.appending(path: name).path
            guard !FileManager.default.fileExists(atPath: path) else {
                throw UsageError("\(path) is there already: name another folder, or remove it first")
            }
        }
    }

    func stop() async {
        await shop.stop()
        await fortnox.stop()
        await stripe.stop()
    }

    /// The number of an order to look at: the newest that is booked.
    var someOrder: String {
        let booked = trade.truthByNumber.filter { $0.value.outcome == .booked }
        return booked.max { $0.value.placedAt < $1.value.placedAt }?.key ?? "1"
    }

    var configurationFile: String { file("ordersync.yaml") }

    private func file(_ name: String) -> String { folder.appending(path: name).path }

    private static func company(_ options: Options, at now: Instant) -> FortnoxSandbox.Settings {
        var settings = FortnoxSandbox.Settings()
        settings.limitsRate = options.limitsRate
        settings.searchLag = options.searchLag
        let year = now.day(in: .utc).year
        settings.financialYears = FortnoxSandbox.FinancialYear.calendarYears(year - 1...year + 1)
        settings.accounts += [
            .init(1581, "Fordringar hos Klarna"), .init(1588, "Fordringar från tiden före start"),
            .init(1689, "Spärrade medel hos betalförmedlare"), .init(1940, "Övriga bankkonton"),
            .init(2614, "Utgående moms omvänd betalningsskyldighet, 25 %"),
            .init(2645, "Beräknad ingående moms på förvärv från utlandet"),
            .init(2999, "OBS-konto"), .init(3999, "Övriga rörelseintäkter"),
        ]
        settings.articles =
            FortnoxSandbox.Article.ofTrade + [
                .init("FRAKT", "Frakt", salesAccount: 3520), .init("AVGIFT", "Avgift", salesAccount: 3540),
                .init("KREDIT", "Kreditering", salesAccount: 3001),
                .init("AVRUNDNING", "Öresavrundning", salesAccount: 3740, vat: .zero),
            ]
        return settings
    }
}
