import Synchronization

/// The moment at which a process dies. Everything that leaves a trace passes here; at the chosen one the process stops, and
/// nothing it does afterwards leaves a trace any more.
final class CrashPoint: Sendable {
    struct Died: Error {}

    private struct State {
        var passed: [String] = []
        var dead = false
    }

    /// Which passage is the last; `nil`: the process lives.
    private let fatal: Int?
    private let state = Mutex(State())

    init(at fatal: Int? = nil) { self.fatal = fatal }

    /// Names of all passages so far: the table of boundaries.
    var passed: [String] { state.withLock { $0.passed } }
    var isDead: Bool { state.withLock { $0.dead } }

    func pass(_ label: String) throws {
        try state.withLock { state in
            if state.dead { throw Died() }
            if state.passed.count == fatal {
                state.dead = true
                throw Died()
            }
            state.passed.append(label)
        }
    }
}
