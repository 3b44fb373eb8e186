/// A small seeded generator (SplitMix64): the same seed gives the same trade on every machine.
struct TradeDice: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func roll(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(next() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    mutating func chance(_ perMille: Int) -> Bool { roll(1...1000) <= perMille }

    /// - Precondition: there is something to pick from.
    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[roll(0...elements.count - 1)] }

    /// By weight; the first counts for what the weights leave over.
    mutating func pick<Element>(weighted elements: [(Element, Int)]) -> Element {
        var rest = roll(1...elements.map(\.1).reduce(0, +))
        for (element, weight) in elements {
            rest -= weight
            if rest <= 0 { return element }
        }
        return elements[0].0
    }

    /// A generator of its own for one component, so that a new draw in one does not disturb the others.
    mutating func fork() -> TradeDice { TradeDice(seed: next()) }
}
