import ConnectorKit
import Domain

extension WorkBatch {
    /// How many lines are looked at together.
    static let linesAtOnce = 1000

    /// Reads what payouts are made up of and sums it up, matching their lines on the way. Payouts of millions of lines take a
    /// while: their leases are prolonged.
    mutating func readPayouts() async throws {
        for index in runs.indices where runs[index].isActive {
            guard let payout = runs[index].payout else { continue }
            do throws(Problem) {
                let entries = try PayoutEntries(
                    payout, integration.settings.settings.payments ?? PaymentSettings(),
                    timeZone: integration.settings.settings.timeZone)
                runs[index].summary = PayoutSummary(entries: entries, open: PayoutOpenPoints())
            } catch {
                runs[index].stop(error)
                continue
            }
            guard payout.state != .pending, payout.content != .unlisted else { continue }
            try await takeLines(of: payout, index)
            try await sumUp(index)
        }
    }

    // MARK: Taking lines

    /// Asks the provider for the lines, unless they are there.
    private mutating func takeLines(of payout: Payout, _ index: Int) async throws {
        let key = runs[index].key
        if try await store.contents(of: key)?.isComplete == true { return }
        guard let provider = integration.providers[payout.provider] else {
            return runs[index].end(.waiting, "the provider's report: its lines are not complete yet")
        }
        var cursor: PageCursor?
        repeat {
            let page = try await provider.lines(of: payout, cursor: cursor)
            try await store.keep(
                PayoutPart(
                    payout: key, head: payout, lines: page.lines, report: .own(page.report), isLast: page.next == nil))
            cursor = page.next
            try await keepLeases([index])
        } while cursor != nil && runs[index].isActive
    }

    // MARK: Summing up

    private mutating func sumUp(_ index: Int) async throws {
        let key = runs[index].key
        let matching = PayoutLineMatching(integration: integration, payout: key)
        var position = 0
        while runs[index].isActive {
            let lines = try await store.lines(of: key, after: position, limit: Self.linesAtOnce)
            guard let last = lines.last else { return }
            let matched = try await matching.matched(lines)
            add(matched, index)
            position = last.position
            try await keepLeases([index])
        }
    }

    private mutating func add(_ lines: [KeptLine], _ index: Int) {
        guard let summary = runs[index].summary else { return }
        var (entries, open) = (summary.entries, summary.open)
        do throws(Problem) {
            for line in lines {
                try entries.add(line.line, at: line.place ?? .clearing)
                open.count(line)
            }
            runs[index].summary = PayoutSummary(entries: entries, open: open)
        } catch {
            runs[index].stop(error)
        }
    }
}

extension PayoutOpenPoints {
    fileprivate mutating func count(_ line: KeptLine) {
        if line.isSettled || line.place == .beforeStart { return }
        if line.line.kind == .unknown {
            unknown += 1
        } else if line.line.kind.isPayment, line.by == nil {
            unmatched += 1
        } else if line.line.kind.isPayment, line.place == .suspense {
            onSuspense += 1
        } else {
            return
        }
        example = example ?? "\(line.line.id), \(line.line.amount): \(line.why ?? line.line.kindText)"
    }
}
