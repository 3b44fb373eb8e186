import ConnectorKit
import Domain

/// The ways to ask a provider something.
enum ProviderQuestion: CaseIterable {
    case payouts, payout, lines

    enum Answer: Equatable {
        case payouts([String])
        /// `nil`: there is none.
        case payout(Payout?)
        /// The payout is there, and says why it cannot be read.
        case unreadable
        case lines([PayoutLine])
    }

    /// The first page, or the one payout.
    func ask(_ provider: any PaymentProvider, about payout: Payout) async throws(ConnectorError) -> Answer {
        switch self {
        case .payouts:
            return .payouts(try await provider.payouts(madeSince: .distantPast, cursor: nil).records.map(\.id))
        case .payout:
            guard let record = try await provider.payout(id: payout.id) else { return .payout(nil) }
            do throws(Problem) {
                return .payout(try provider.normalise(record))
            } catch {
                return .unreadable
            }
        case .lines: return .lines(try await provider.lines(of: payout, cursor: nil).lines)
        }
    }

    /// The answer, or how it fails.
    func answer(of provider: any PaymentProvider, about payout: Payout) async -> Result<Answer, ConnectorError> {
        do throws(ConnectorError) {
            return .success(try await ask(provider, about: payout))
        } catch {
            return .failure(error)
        }
    }

    /// How it fails, as it must.
    func failure(
        of provider: any PaymentProvider, about payout: Payout
    ) async throws(AcceptanceFailure) -> ConnectorError {
        switch await answer(of: provider, about: payout) {
        case .success(let answer): throw AcceptanceFailure("asked for \(self) it answers \(answer)")
        case .failure(let error): return error
        }
    }
}
