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
        let new = MadeFrom(
            facts: made?.facts, settingsVersion: settingsVersion, mapperVersion: OrderMapper.version,
            lines: made?.lines, parts: found.parts)
        self.init(
            reference: step.reference, erp: found, madeFrom: made == nil ? known ?? new : new, readAt: readAt)
    }
}
