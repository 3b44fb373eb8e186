import ConnectorKit
import Domain
import Synchronization
import TestKit

/// A sound shop's connector with one thing wrong.
struct BrokenStorefront: Storefront {
    let base: any Storefront
    var page: @Sendable (RecordPage, PageCursor?) -> RecordPage = { page, _ in page }
    var cursor: @Sendable (PageCursor?) -> PageCursor? = { $0 }
    var since: @Sendable (Instant) -> Instant = { $0 }
    var byID: @Sendable (RecordsByID) -> RecordsByID = { $0 }
    var number: @Sendable (String) -> String = { $0 }
    var order: @Sendable (Order) -> Order = { $0 }
    var read: @Sendable (Order, RawRecord) -> Order = { order, _ in order }
    var forgetsWishes = false
    /// What is made of a record that cannot be read; `nil`: it is told.
    var damaged: @Sendable (RawRecord) -> Problem? = { _ in nil }
    var error: @Sendable (ConnectorError) -> ConnectorError = { $0 }
    /// Tries so many times more, whatever happens.
    var stubborn = 0

    func orders(changedSince since: Instant, cursor: PageCursor?) async throws(ConnectorError) -> RecordPage {
        var left = stubborn
        while true {
            do throws(ConnectorError) {
                return page(
                    try await base.orders(changedSince: self.since(since), cursor: self.cursor(cursor)), cursor)
            } catch {
                guard left > 0 else { throw self.error(error) }
                left -= 1
            }
        }
    }

    func orders(ids: [String]) async throws(ConnectorError) -> RecordsByID { byID(try await base.orders(ids: ids)) }

    func order(number: String) async throws(ConnectorError) -> RawRecord? {
        try await base.order(number: self.number(number))
    }

    func normalise(_ record: RawRecord, previous: Order?) throws(Problem) -> Order {
        do throws(Problem) {
            return read(order(try base.normalise(record, previous: previous)), record)
        } catch {
            throw damaged(record) ?? error
        }
    }

    func check() async -> [Problem] { await base.check() }
}

/// A subject whose connectors are broken, or that is itself.
struct BrokenShop: StorefrontSubject {
    let sound: any StorefrontSubject
    let broken: @Sendable (any Storefront) -> any Storefront
    var forgetsSettings = false
    var writes = false

    var clock: any WallClock { sound.clock }
    var pageSize: Int { sound.pageSize }
    var secrets: [String] { sound.secrets }

    func connector(_ rule: CallRule?) async throws -> any Storefront {
        var shop = broken(try await sound.connector(rule))
        if let forgetful = shop as? BrokenStorefront, forgetful.forgetsWishes, let rule {
            // The wish never reaches the connector.
            shop = broken(
                try await sound.connector { call in
                    guard case .success(let reply)? = await rule(call), reply.status == 429 else { return nil }
                    return .success(HTTPReply(status: 503))
                })
        }
        if writes, let rule { _ = await rule(HTTPCall(.post, "http://127.0.0.1/orders", body: [])) }
        return shop
    }

    func connectorWithWrongCredentials() async throws -> any Storefront {
        broken(try await sound.connectorWithWrongCredentials())
    }

    func problemsOfBadSettings() -> (keys: Set<String>, problems: [SettingsProblem]) {
        let (keys, problems) = sound.problemsOfBadSettings()
        return (keys, forgetsSettings ? Array(problems.prefix(1)) : problems)
    }

    func place(_ count: Int) async throws -> [String] { try await sound.place(count) }
    func touch(_ id: String) async throws { try await sound.touch(id) }
    func remove(_ id: String) async throws { try await sound.remove(id) }
    func number(of id: String) -> String { sound.number(of: id) }
    func withUnknownStatus(_ record: RawRecord, _ status: String) -> RawRecord {
        sound.withUnknownStatus(record, status)
    }
    func withUnknownField(_ record: RawRecord) -> RawRecord { sound.withUnknownField(record) }
    func withoutTotal(_ record: RawRecord) -> RawRecord { sound.withoutTotal(record) }
}
