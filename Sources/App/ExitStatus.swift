import ConnectorKit
import Engine

/// What a command's end means to the script that called it.
enum ExitStatus: Int32, Error {
    case attention = 1
    case usage = 2
    case unreachable = 3

    /// The status for an error that ends a command; `nil` for those of the argument parser.
    init?(_ error: any Error) {
        switch error {
        case is UsageError, is InvalidConfiguration: self = .usage
        case is ConnectorError, is StoreError: self = .unreachable
        default: return nil
        }
    }
}
