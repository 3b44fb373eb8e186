extension Document {
    /// The document that a step came to, with what it is made from: the facts of its making stay until it is written anew.
    public init(
        _ found: ERPDocument, of step: Step, known: MadeFrom?, settingsVersion: Int, readAt: Instant = .distantPast
    ) {
        var found = found
        if step.kind == .withdraw, !found.state.isBooked { found.state = .withdrawn }
        // What could not be written anew any more was taken back instead.
        if step.kind == .updateOrder, found.state == .cancelled { found.state = .withdrawn }
        let made = step.made
        var new = MadeFrom(settingsVersion: settingsVersion, of: step)
        new.parts = found.parts
        self.init(
            reference: step.reference, erp: found, madeFrom: made == nil ? known ?? new : new, readAt: readAt)
        noteSetOff()
    }

    /// Keeps what a credit note was set off for as long as nothing else can have paid it: when it is first seen booked.
    public mutating func noteSetOff() {
        guard reference.kind == .creditNote, erp.state.isBooked, madeFrom?.setOff == nil, let total = erp.total,
            let open = erp.open ?? (erp.state == .paid ? .zero(total.currency) : nil)
        else { return }
        madeFrom?.setOff = open - total
    }
}

extension MadeFrom {
    /// What a step makes or writes anew is made from.
    public init(settingsVersion: Int, of step: Step) {
        let made = step.made
        self.init(
            facts: made?.facts, settingsVersion: settingsVersion, mapperVersion: OrderMapper.version,
            lines: made?.lines, payment: made?.payment, journal: made?.journal)
    }
}
