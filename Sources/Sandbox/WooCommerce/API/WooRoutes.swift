import ConnectorKit
import Domain

/// Answers a request from a shop's state, and changes it where the request does.
struct WooRoutes {
    let call: WooCall

    private var seconds: Int64 { call.now.milliseconds / 1000 }

    func answer(_ shop: inout ShopState) -> HTTPReply {
        do throws(ShopRefusal) {
            switch call.route.first {
            case "orders": return try orders(&shop)
            case "refunds" where call.route.count == 1 && call.method == "GET": return refunds(shop)
            case "products": return try products(&shop)
            case "taxes" where call.method == "GET": return taxes(shop)
            default: return WooAnswers.noRoute
            }
        } catch {
            return WooAnswers.refusal(error)
        }
    }

    private func wire(_ shop: ShopState) -> ShopWire {
        ShopWire(home: call.home, settings: shop.settings, products: shop.products)
    }

    private func number(_ index: Int) -> Int? { call.route.indices.contains(index) ? Int(call.route[index]) : nil }

    // MARK: Orders

    private func orders(_ shop: inout ShopState) throws(ShopRefusal) -> HTTPReply {
        if call.route.count == 1 {
            switch call.method {
            case "GET": return list(&shop)
            case "POST":
                let draft = try WriteWire(call.body).newOrder()
                guard ShopState.statuses.contains(draft.status) else { throw .invalidStatus }
                return WooAnswers.json(201, shop.payload(shop.place(draft, at: seconds), home: call.home))
            default: return WooAnswers.noRoute
            }
        }
        guard let id = number(1) else { return WooAnswers.noRoute }
        switch call.route.count == 2 ? "" : call.route[2] {
        case "": return try order(id, &shop)
        case "refunds": return try refunds(of: id, &shop)
        case "notes" where call.route.count == 3: return try notes(of: id, &shop)
        default: return WooAnswers.noRoute
        }
    }

    private func list(_ shop: inout ShopState) -> HTTPReply {
        do throws(WooQuery.Refusal) {
            let filter = try call.query.filter(secondsFromUTC: shop.settings.secondsFromUTC)
            let found = shop.orderShelf.matching(filter) { record, text in
                record.number.contains(text)
                    || shop.orders[record.id]?.searchText.contains(text.lowercased()) ?? false
            }
            return WooAnswers.list(found, filter, call) { shop.payload($0.id, home: call.home) }
        } catch {
            return WooAnswers.invalid(error)
        }
    }

    private func order(_ id: Int, _ shop: inout ShopState) throws(ShopRefusal) -> HTTPReply {
        _ = try shop.order(id)
        switch call.method {
        case "GET": break
        case "PUT", "POST", "PATCH": try change(id, &shop)
        case "DELETE" where call.query["force"] == "true":
            let last = shop.payload(id, home: call.home)
            shop.remove(order: id)
            return WooAnswers.json(200, last)
        case "DELETE": try shop.trash(id, at: seconds)
        default: return WooAnswers.noRoute
        }
        return WooAnswers.json(200, shop.payload(id, home: call.home))
    }

    /// Even a body that changes nothing moves the date.
    private func change(_ id: Int, _ shop: inout ShopState) throws(ShopRefusal) {
        let wire = WriteWire(call.body)
        try shop.change(id, at: seconds) { (shop, order) throws(ShopRefusal) in
            let status = wire.text("status")
            if let status, !ShopState.statuses.contains(status) { throw .invalidStatus }
            if let lines = try wire.lines(changing: order) {
                order.draft.lines = lines
                shop.calculate(&order)
            }
            wire.change(&order.draft)
            shop.addFields(wire, to: &order)
            if let status { shop.enter(&order, status, at: seconds) }
            if wire.body["set_paid"]?.bool == true, order.paid == nil {
                order.paid = seconds
                shop.enter(&order, "processing", at: seconds)
            }
        }
    }

    // MARK: What hangs below an order

    private func refunds(of id: Int, _ shop: inout ShopState) throws(ShopRefusal) -> HTTPReply {
        let order = try shop.order(id)
        if call.route.count == 3 {
            switch call.method {
            case "GET":
                let wire = wire(shop)
                return WooAnswers.array(order.refunds.reversed().map { wire.refund($0, of: id) })
            case "POST":
                let request = WriteWire(call.body)
                // Without a word the shop asks the gateway, and the local ones cannot.
                if request.body["api_refund"]?.bool ?? true {
                    _ = shop.nextID()
                    throw .gatewayCannotRefund
                }
                let refund = try shop.refund(id, try request.refund(), at: seconds)
                return WooAnswers.json(201, wire(shop).refund(refund, of: id))
            default: return WooAnswers.noRoute
            }
        }
        guard let refundID = number(3) else { return WooAnswers.noRoute }
        switch call.method {
        case "GET":
            guard let refund = order.refunds.first(where: { $0.id == refundID }) else { throw .invalidRefund }
            return WooAnswers.json(200, wire(shop).refund(refund, of: id))
        case "DELETE":
            // Refunds have no trash.
            guard call.query["force"] == "true" else { return WooAnswers.trashNotSupported }
            return WooAnswers.json(200, wire(shop).refund(try shop.deleteRefund(refundID, of: id), of: id))
        default: return WooAnswers.noRoute
        }
    }

    private func notes(of id: Int, _ shop: inout ShopState) throws(ShopRefusal) -> HTTPReply {
        switch call.method {
        case "GET":
            let wire = wire(shop)
            return WooAnswers.array(try shop.order(id).notes.reversed().map { wire.note($0, of: id) })
        case "POST":
            let request = WriteWire(call.body)
            let note = try shop.note(
                id, request.text("note") ?? "", isForCustomer: request.body["customer_note"]?.bool ?? false, at: seconds
            )
            return WooAnswers.json(201, wire(shop).note(note, of: id))
        default: return WooAnswers.noRoute
        }
    }

    /// All refunds of all orders.
    private func refunds(_ shop: ShopState) -> HTTPReply {
        do throws(WooQuery.Refusal) {
            let filter = try call.query.filter(secondsFromUTC: shop.settings.secondsFromUTC)
            let found = shop.refundShelf.matching(filter) { $0.number.contains($1) }
            let wire = wire(shop)
            return WooAnswers.list(found, filter, call) { record in
                guard let owner = shop.refundOwners[record.id],
                    let refund = shop.orders[owner]?.refunds.first(where: { $0.id == record.id })
                else { return [] }
                return wire.refund(refund, of: owner, hasParent: true)
            }
        } catch {
            return WooAnswers.invalid(error)
        }
    }

    // MARK: Catalogue

    private func products(_ shop: inout ShopState) throws(ShopRefusal) -> HTTPReply {
        if call.route.count == 1 {
            let wire = wire(shop)
            if call.method == "GET" {
                return WooAnswers.array(shop.products.values.sorted { $0.id < $1.id }.map(wire.product))
            }
            guard call.method == "POST" else { return WooAnswers.noRoute }
            var product = ShopProduct(id: shop.nextID(), name: "", sku: "", price: 0)
            try WriteWire(call.body).change(&product)
            shop.put(product)
            return WooAnswers.json(201, wire.product(product))
        }
        guard let id = number(1), call.route.count == 2 else { return WooAnswers.noRoute }
        guard var product = shop.products[id] else { throw .invalidProduct }
        switch call.method {
        case "GET": break
        case "PUT", "POST", "PATCH":
            try WriteWire(call.body).change(&product)
            shop.put(product)
        case "DELETE": try shop.remove(product: id)
        default: return WooAnswers.noRoute
        }
        return WooAnswers.json(200, wire(shop).product(product))
    }

    private func taxes(_ shop: ShopState) -> HTTPReply {
        let wire = wire(shop)
        guard call.route.count == 2 else { return WooAnswers.array(shop.taxRates.map(wire.tax)) }
        guard let rate = shop.taxRates.first(where: { $0.id == number(1) }) else { return WooAnswers.noRoute }
        return WooAnswers.json(200, wire.tax(rate))
    }
}

extension ShopState {
    /// An order as it is served, written once and kept until something in it changes.
    mutating func payload(_ id: Int, home: String) -> [UInt8] {
        if let known = payloads[id] { return known }
        guard let order = orders[id] else { return [] }
        let payload = ShopWire(home: home, settings: settings, products: products).order(order)
        payloads[id] = payload
        return payload
    }

    mutating func addFields(_ wire: WriteWire, to order: inout ShopOrder) {
        for field in wire.body["meta_data"]?.array ?? [] {
            let key = field["key"]?.text ?? ""
            order.meta.removeAll { $0.key == key }
            order.meta.append(ShopMeta(id: nextMetaID(), key: key, value: field["value"] ?? .null))
        }
    }
}
