public import ConnectorKit
public import Domain
import Synchronization

/// A clock that stands still until a test moves it.
///
/// Sleepers wake in the order of their times when the clock is moved past them. With `autoAdvance` a sleep moves the
/// clock by itself and returns at once: for tests that only ask how long something would have waited.
public final class VirtualClock: WallClock {
    private struct Sleeper {
        let id: Int
        let wakeAt: Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Instant
        var nextID = 0
        var sleepers: [Sleeper] = []
        /// Sleeps that were cancelled before their continuation was stored.
        var cancelled: Set<Int> = []
        var slept: [Duration] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>
    private let autoAdvance: Bool

    public init(_ now: Instant = Instant(milliseconds: 1_795_420_800_000), autoAdvance: Bool = false) {
        state = Mutex(State(now: now))
        self.autoAdvance = autoAdvance
    }

    public func now() -> Instant { state.withLock { $0.now } }

    /// Every sleep that was asked for, in order.
    public var slept: [Duration] { state.withLock { $0.slept } }

    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Moves the clock and wakes who is due.
    public func advance(by duration: Duration) { set(now() + duration) }

    /// Sets the clock, also backwards; wakes who is due.
    public func set(_ instant: Instant) {
        let due = state.withLock { state in
            state.now = instant
            let due = state.sleepers.filter { $0.wakeAt <= instant }.sorted { ($0.wakeAt, $0.id) < ($1.wakeAt, $1.id) }
            state.sleepers.removeAll { $0.wakeAt <= instant }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Returns when at least `count` tasks sleep, so that a test moves the clock only after they do.
    public func sleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                guard state.sleepers.count < count else { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if ready { continuation.resume() }
        }
    }

    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let id = state.withLock { state in
            state.slept.append(duration)
            state.nextID += 1
            return state.nextID
        }
        if autoAdvance {
            advance(by: duration)
            return
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { park(id, duration, $0) }
        } onCancel: {
            cancel(id)
        }
    }

    private enum Parking { case waits, due, cancelled }

    private func park(_ id: Int, _ duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        let (parking, ready) = state.withLock { state in
            guard state.cancelled.remove(id) == nil else {
                return (Parking.cancelled, [CheckedContinuation<Void, Never>]())
            }
            guard duration > .zero else { return (.due, []) }
            state.sleepers.append(Sleeper(id: id, wakeAt: state.now + duration, continuation: continuation))
            let count = state.sleepers.count
            let ready = state.watchers.filter { $0.count <= count }.map(\.continuation)
            state.watchers.removeAll { $0.count <= count }
            return (.waits, ready)
        }
        switch parking {
        case .waits: break
        case .due: continuation.resume()
        case .cancelled: continuation.resume(throwing: CancellationError())
        }
        for watcher in ready { watcher.resume() }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state -> Sleeper? in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
