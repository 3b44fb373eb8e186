/// Prices the lines of one order: tax by destination, rounded line by line.
struct ShopPricer {
    let rates: [ShopTaxRate]
    let country: String
    let homeCountry: String
    let isExempt: Bool

    func goods(_ line: ShopOrderDraft.Line, _ product: ShopProduct?, id: Int) -> ShopItem {
        var item = ShopItem(id: id, name: line.name ?? product?.name ?? "", subtotal: 0, total: 0)
        item.productID = line.productID
        item.quantity = line.quantity
        item.taxClass = product?.taxClass ?? ""
        let isTaxable = product?.isTaxable ?? true
        let rate = isExempt || !isTaxable ? nil : rates.rate(for: item.taxClass, in: country)
        switch line.amount {
        case .catalogue:
            let amount = line.quantity * (product?.price ?? 0)
            // Abroad the home country's tax is taken off first.
            if isTaxable, isExempt || country != homeCountry,
                let home = rates.rate(for: item.taxClass, in: homeCountry)
            {
                let tax = ShopAmount.rounded(ShopAmount.tax(inGross: amount, rate: home.rate), halfDown: true)
                fill(&item, rate, net: (amount - tax, amount - tax))
            } else {
                fill(&item, rate, gross: (amount, amount))
            }
        case .gross(let subtotal, let total): fill(&item, rate, gross: (subtotal, total))
        case .net(let subtotal, let total): fill(&item, rate, net: (subtotal, total))
        }
        return item
    }

    func charge(_ charge: ShopOrderDraft.Charge, id: Int) -> ShopItem {
        var item = ShopItem(id: id, name: charge.name, subtotal: 0, total: 0)
        item.methodID = charge.methodID
        item.isTaxable = charge.isTaxable
        // Free shipping bears no tax at all.
        let rate =
            isExempt || charge.net == 0 || (charge.net > 0 && !charge.isTaxable)
            ? nil : rates.rate(for: "", in: country)
        fill(&item, rate, net: (charge.net, charge.net))
        return item
    }

    private func fill(_ item: inout ShopItem, _ rate: ShopTaxRate?, gross: (subtotal: Int, total: Int)) {
        let tax = (
            subtotal: ShopAmount.tax(inGross: gross.subtotal, rate: rate?.rate ?? 0),
            total: ShopAmount.tax(inGross: gross.total, rate: rate?.rate ?? 0)
        )
        set(&item, rate, tax)
        item.subtotal = gross.subtotal - item.subtotalTax
        item.total = gross.total - item.totalTax
        item.netMicro = gross.total * 10_000 - tax.total
    }

    private func fill(_ item: inout ShopItem, _ rate: ShopTaxRate?, net: (subtotal: Int, total: Int)) {
        let tax = (
            subtotal: ShopAmount.tax(onNet: net.subtotal, rate: rate?.rate ?? 0),
            total: ShopAmount.tax(onNet: net.total, rate: rate?.rate ?? 0)
        )
        set(&item, rate, tax)
        (item.subtotal, item.total, item.netMicro) = (net.subtotal, net.total, net.total * 10_000)
    }

    private func set(_ item: inout ShopItem, _ rate: ShopTaxRate?, _ tax: (subtotal: Int, total: Int)) {
        item.tax = rate.map { ShopLineTax(rate: $0, total: tax.total, subtotal: tax.subtotal) }
        item.subtotalTax = ShopAmount.rounded(tax.subtotal, halfDown: true)
        item.totalTax = ShopAmount.rounded(tax.total, halfDown: true)
    }
}
