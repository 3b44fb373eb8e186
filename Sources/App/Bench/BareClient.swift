import Foundation

/// A client that is no part of this product, run as a process of its own: the speed it reaches bounds ours.
struct BareClient {
    /// A shell command that prints JSON with `orders_per_second`; `BENCH_ORDERS` and `BENCH_PREFIX` are set for it.
    let command: String

    private struct Answer: Decodable {
        let orders_per_second: Double
    }

    func ordersPerSecond(orders: Int, prefix: String) async throws -> Double {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", command]
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["BENCH_ORDERS": String(orders), "BENCH_PREFIX": prefix]
        ) { _, new in new }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw UsageError("the bare client failed") }
        return try JSONDecoder().decode(Answer.self, from: data).orders_per_second
    }
}
