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
            guard payout.state != .pending, payout.content != .unlisted, !isExcluded(runs[index], payout) else {
                continue
            }
            do {
                try await takeLines(of: payout, index)
                try await refuse(payout, index)
                try await sumUp(index)
            } catch let error as ConnectorError {
                end(index, error)
            } catch let error as StoreError where error.kind == .conflict {
                runs[index].stop(Problem(.payoutChanged, error.detail))
            }
        }
    }

    private func isExcluded(_ run: RecordRun, _ payout: Payout) -> Bool {
        exclusion(of: payout, settings: integration.settings.settings, decisions: run.claim.decisions) != nil
    }

    /// A payout that cannot be read is a matter of its own: the others of the turn go on.
    private mutating func end(_ index: Int, _ error: ConnectorError) {
        if error.decision == .stop { return runs[index].stop(error.problem) }
        let (standing, delay) = standing(after: error)
        runs[index].ending = .finished(standing, .again(at: clock.now() + delay, isFailure: false))
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

    /// Nothing of a payout that does not add up is believed, its payments neither (R17).
    private mutating func refuse(_ payout: Payout, _ index: Int) async throws {
        guard runs[index].isActive, let net = try await store.net(of: runs[index].key), net != payout.net else {
            return
        }
        let count = try await store.contents(of: runs[index].key)?.count ?? 0
        runs[index].stop(PayoutEntries.doesNotAddUp(payout, net, count))
    }

    // MARK: Evidence

    /// A larger report is told of instead of attached: ERPs take a file in one call.
    static let largestAttachment = 5_000_000

    /// The step with the report that it attaches, which plans do not hold.
    func withReport(_ step: Step, of payout: EntityKey) async throws -> Step {
        guard case .attach(var draft) = step else { return step }
        var (content, piece): ([UInt8], Int) = ([], 1)
        while content.count <= Self.largestAttachment, let bytes = try await store.report(of: payout, piece: piece) {
            content += bytes
            piece += 1
        }
        if content.count > Self.largestAttachment {
            content = Array(
                "The report is too large to be attached. OrderSync keeps it: ordersync payouts report \(payout.id)\n"
                    .utf8)
            draft.name += ".txt"
        } else {
            // Answers of an API, one after the other, are no JSON document.
            let isAPI = content.first == UInt8(ascii: "{") || content.first == UInt8(ascii: "[")
            draft.name += isAPI ? ".txt" : ".csv"
        }
        draft.content = content
        return .attach(draft)
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
            add(matched, forPerson: try await matching.forPerson(matched), index)
            position = last.position
            try await keepLeases([index])
        }
    }

    private mutating func add(_ lines: [KeptLine], forPerson: Set<Int>, _ index: Int) {
        guard let summary = runs[index].summary else { return }
        var (entries, open) = (summary.entries, summary.open)
        do throws(Problem) {
            for line in lines {
                try entries.add(line.line, at: line.place ?? .clearing)
                open.count(line, isForPerson: forPerson.contains(line.position))
            }
            runs[index].summary = PayoutSummary(entries: entries, open: open)
        } catch {
            runs[index].stop(error)
        }
    }
}

extension PayoutOpenPoints {
    fileprivate mutating func count(_ line: KeptLine, isForPerson: Bool) {
        if line.isSettled || line.place == .beforeStart { return }
        if line.line.kind == .unknown {
            unknown += 1
        } else if line.line.kind.isPayment, line.by == nil {
            unmatched += 1
        } else if line.line.kind.isPayment, isForPerson || line.place == .suspense {
            forPerson += 1
        } else {
            return
        }
        example = example ?? "\(line.line.id), \(line.line.amount): \(line.why ?? line.line.kindText)"
    }
}
