import ArgumentParser

@main
struct OrderSync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ordersync",
        abstract: "Keeps a merchant's books in step with the shop.",
        discussion: """
            Exit status: 0 done; 1 something needs a person's attention; 2 wrong usage or configuration; \
            3 an outside system or the store could not be reached.
            """,
        subcommands: [
            ServeCommand.self, SyncCommand.self, ExportCommand.self, PreviewCommand.self, StatusCommand.self,
            CheckCommand.self, AuthoriseCommand.self, RetryCommand.self, ExcludeCommand.self, BookedByHandCommand.self,
            UnlinkCommand.self, CorrectCommand.self, KeepCommand.self, UndoCommand.self, ResumeCommand.self,
            RepaymentsCommand.self, PayoutsCommand.self,
            ListTasksCommand.self, ListLogsCommand.self, ListEntitiesCommand.self,
            ListReferencesCommand.self, DemoCommand.self, SandboxCommand.self, BenchCommand.self,
            ReplayShopCommand.self,
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let status as ExitStatus {
            exit(withError: ExitCode(status.rawValue))
        } catch {
            exit(with: error)
        }
    }

    /// One sentence on standard error, and the exit status that scripts rely on.
    private static func exit(with error: any Error) -> Never {
        guard let status = ExitStatus(error) else {
            // Wrong arguments and --help: the argument parser knows what to say. Its own status for misuse is 64.
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code.isSuccess { Output.line(text) } else { Output.complain(text) }
            exit(withError: code.isSuccess ? code : ExitCode(ExitStatus.usage.rawValue))
        }
        Output.complain("ordersync: \(error)")
        exit(withError: ExitCode(status.rawValue))
    }
}
