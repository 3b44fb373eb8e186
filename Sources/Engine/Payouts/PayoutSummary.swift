import Domain

/// A payout's lines, summed up: all that planning needs of them.
struct PayoutSummary: Hashable {
    let entries: PayoutEntries
    let open: PayoutOpenPoints
}
