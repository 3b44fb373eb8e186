import Domain

/// A request by somebody who may make it.
struct StripeCall {
    let method: String
    /// `/v1/payouts/po_1`.
    let path: String
    let query: [(name: String, value: String)]
}

/// Answers a request from the account. All are reads.
struct StripeRoutes {
    let account: StripeAccount
    private let wire: StripeWire

    init(_ account: StripeAccount) {
        self.account = account
        wire = StripeWire(settings: account.settings, now: account.now)
    }

    func answer(_ call: StripeCall) throws(StripeRefusal) -> JSONValue {
        let route = QueryText.path(call.path)
        guard call.method == "GET", route.first == "v1", (2...4).contains(route.count), !call.path.hasSuffix("/")
        else { throw .noRoute(call.method, call.path) }
        switch (route[1], route.count) {
        case ("balance", 2): return try whole(call) { wire.balance(account) }
        case ("account", 2):
            let created = account.transactions.timeline.entries.first?.place.created ?? 0
            return try whole(call) { wire.account(created: created) }
        case ("payment_intents", 2): throw .noRoute(call.method, call.path)
        case (_, 2): return try list(route[1], call)
        case ("charges", 4) where route[3] == "refunds":
            guard account.charges[route[2]] != nil else { throw .missing("charge", route[2]) }
            return try refunds(call, of: route[2])
        case (_, 3): return try one(route[1], route[2], call)
        default: throw .noRoute(call.method, call.path)
        }
    }

    private func whole(_ call: StripeCall, _ body: () -> JSONValue) throws(StripeRefusal) -> JSONValue {
        let query = try StripeQuery(call.query, .one)
        return try expanded(body(), query)
    }

    // MARK: One record

    private static let names = [
        "payouts": "payout", "balance_transactions": "balance_transaction", "charges": "charge", "refunds": "refund",
        "disputes": "dispute", "events": "event", "payment_intents": "payment_intent",
    ]

    private func one(_ resource: String, _ id: String, _ call: StripeCall) throws(StripeRefusal) -> JSONValue {
        guard let name = Self.names[resource] else { throw .noRoute(call.method, call.path) }
        let query = try StripeQuery(call.query, .one)
        guard let found = record(id), found["object"]?.string == name else { throw .missing(name, id) }
        return try expanded(found, query)
    }

    /// Any record by its id.
    func record(_ id: String) -> JSONValue? {
        if let transaction = account.transactions[id] { return wire.transaction(transaction) }
        if let payout = account.payouts[id] { return wire.payout(payout) }
        if let charge = account.charges[id] {
            return wire.charge(charge, charge.refunds.compactMap { account.refunds[$0] })
        }
        if let refund = account.refunds[id] { return wire.refund(refund) }
        if let dispute = account.disputes[id] {
            return wire.dispute(dispute, dispute.transactions.compactMap { account.transactions[$0] })
        }
        if let intent = account.intents[id] { return wire.intent(intent) }
        if let event = account.events[id] { return wire.event(event) }
        return account.others[id]
    }

    // MARK: Lists

    private func list(_ resource: String, _ call: StripeCall) throws(StripeRefusal) -> JSONValue {
        switch resource {
        case "payouts": try payouts(call)
        case "balance_transactions": try transactions(call)
        case "charges":
            try list(call, account.charges, .list("customer payment_intent transfer_group")) { charge, query in
                query.matches("payment_intent", charge.intent) && query["customer"] == nil
                    && query["transfer_group"] == nil
            }
        case "refunds": try refunds(call, of: nil)
        case "disputes":
            try list(call, account.disputes, .list("charge payment_intent")) { dispute, query in
                query.matches("charge", dispute.charge) && query.matches("payment_intent", dispute.intent)
            }
        case "events": try events(call)
        default: throw .noRoute(call.method, call.path)
        }
    }

    private func payouts(_ call: StripeCall) throws(StripeRefusal) -> JSONValue {
        let allowed = StripeParameters.list("destination status", spans: "created arrival_date")
        return try list(call, account.payouts, allowed) { payout, query in
            // Asked for those in transit Stripe shows them all.
            let isOfStatus = query["status"] == "in_transit" || query.matches("status", payout.status)
            return isOfStatus && query.matches("destination", payout.destination)
                && (query.spans["arrival_date"]?.contains(payout.arrival) ?? true)
        }
    }

    private func transactions(_ call: StripeCall) throws(StripeRefusal) -> JSONValue {
        let allowed = StripeParameters.list("currency payout source type")
        let query = try StripeQuery(call.query, allowed)
        var timeline = account.transactions.timeline
        if let id = query["payout"] {
            guard let payout = account.payouts[id] else {
                throw .missing("payout", id, parameter: "payout", status: 400)
            }
            guard payout.isAutomatic else { throw .manualPayout }
            timeline = payout.shownRows
        }
        return try list(call, account.transactions, allowed, in: timeline) { transaction, query in
            query.matches("currency", transaction.currency) && query.matches("type", transaction.type)
                && query.matches("source", transaction.source)
        }
    }

    private func refunds(_ call: StripeCall, of charge: String?) throws(StripeRefusal) -> JSONValue {
        let allowed = StripeParameters.list(charge == nil ? "charge payment_intent" : "")
        return try list(call, account.refunds, allowed) { refund, query in
            (charge.map { $0 == refund.charge } ?? true) && query.matches("charge", refund.charge)
                && query.matches("payment_intent", refund.intent)
        }
    }

    private func events(_ call: StripeCall) throws(StripeRefusal) -> JSONValue {
        let allowed = StripeParameters.list("delivery_success type", lists: "types")
        let query = try StripeQuery(call.query, allowed)
        let types = query.lists["types"] ?? []
        if !types.isEmpty, query["type"] != nil {
            throw .invalid("type", "You may only specify one of these parameters: type, types.")
        }
        if types.count > 20 { throw .invalid("types", "Array must have at most 20 elements.") }
        return try list(call, account.events, allowed) { event, query in
            (types.isEmpty || types.contains(event.type))
                && (query["type"].map { Self.fits(event.type, $0) } ?? true)
        }
    }

    /// `payout.*` stands for all events of payouts.
    private static func fits(_ type: String, _ pattern: String) -> Bool {
        pattern.hasSuffix("*") ? type.hasPrefix(pattern.dropLast()) : type == pattern
    }

    private func list<Record: StripeRecord>(
        _ call: StripeCall, _ shelf: StripeShelf<Record>, _ allowed: StripeParameters,
        in timeline: StripeTimeline? = nil, matching: (Record, StripeQuery) -> Bool
    ) throws(StripeRefusal) -> JSONValue {
        let query = try StripeQuery(call.query, allowed)
        let paging = StripePaging(
            limit: query.limit, after: try place("starting_after", query, shelf),
            before: try place("ending_before", query, shelf), created: query.spans["created"] ?? StripeSpan())
        let page = paging.page(of: timeline ?? shelf.timeline) { id in
            shelf[id].map { matching($0, query) } ?? false
        }
        let list = StripeWire.list(page.ids.compactMap { record($0) }, hasMore: page.hasMore, url: call.path)
        return try expanded(list, query)
    }

    /// Where a cursor stands; it need not be in the list that is asked for.
    private func place<Record: StripeRecord>(
        _ name: String, _ query: StripeQuery, _ shelf: StripeShelf<Record>
    ) throws(StripeRefusal) -> StripePlace? {
        guard let id = query[name] else { return nil }
        guard let record = shelf[id] else { throw .missing("object", id, parameter: name, status: 400) }
        return record.place
    }

    private func expanded(_ value: JSONValue, _ query: StripeQuery) throws(StripeRefusal) -> JSONValue {
        try StripeExpansion { record($0) }.applied(query.lists["expand"] ?? [], to: value)
    }
}

extension StripeQuery {
    /// Whether a filter is not given or is this.
    func matches(_ name: String, _ value: String?) -> Bool { self[name].map { $0 == value } ?? true }
}
