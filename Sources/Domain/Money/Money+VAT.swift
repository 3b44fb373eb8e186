extension Money {
    /// The VAT on this net amount at a rate in per cent, a half away from zero; `nil` when it is too large for an amount.
    func vat(at percent: ExactDecimal) -> Money? {
        try? Money(rounding: decimal * percent * ExactDecimal(units: 1, decimals: 2), currency)
    }

    /// The VAT in this gross amount at a rate in per cent, a half away from zero; `nil` where the rate is no number of that size.
    func vatInside(at percent: ExactDecimal) -> Money? {
        // By whole numbers, because a quotient has no exact decimal; in ten thousandths of a per cent: no rate has more decimals.
        guard let rate = Int128((percent * ExactDecimal(10_000)).rounded(decimals: 0).description) else { return nil }
        let whole = 1_000_000 + rate
        let vat = Int64((2 * Int128(magnitude) * rate + whole) / (2 * whole))
        return Money(minorUnits: isNegative ? -vat : vat, currency)
    }
}
