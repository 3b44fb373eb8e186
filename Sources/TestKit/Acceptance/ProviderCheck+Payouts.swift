import ConnectorKit
import Domain

/// Payouts are found, all of them, by pages and by id.
extension ProviderCheck {
    static let walking: [ProviderCheck] = [
        ProviderCheck("every payout is listed and the walk ends, however many pages they fill") { subject in
            var made: Set<String> = []
            for count in [0, 1, subject.pageSize - 1, 1, subject.pageSize] {
                made.formUnion(try await subject.payOut(count))
                let walk = try await PayoutWalk(try await subject.connector(nil))
                let missing = made.subtracting(walk.ids)
                try require(missing.isEmpty, "\(missing.count) of \(made.count) payouts are not listed")
                try require(Set(walk.ids).count, is: made.count, "payouts")
                try require(walk.ids.count <= made.count + walk.cursors.count, "some of \(made.count) come many times")
                try require(walk.unreadable.isEmpty, "sound payouts are told as unreadable: \(walk.unreadable)")
            }
        },
        ProviderCheck("from every cursor another process goes on to the rest of the payouts and misses none") {
            subject in
            _ = try await subject.payOut(2 * subject.pageSize + 1)
            let whole = try await PayoutWalk(try await subject.connector(nil))
            try require(whole.cursors.count > 1, "there is only one page")
            for (cursor, before) in whole.cursors {
                let rest = try await PayoutWalk(try await subject.connector(nil), from: cursor.again)
                let missing = Set(whole.ids[before...]).subtracting(rest.ids)
                try require(missing.isEmpty, "after \(before) payouts \(missing.count) are missing")
                try require(rest.ids.count < whole.ids.count, "it begins again after \(before) payouts")
            }
        },
        ProviderCheck("a cursor that nobody knows begins the walk again and loses no payout") { subject in
            let made = try await subject.payOut(3)
            let walk = try await PayoutWalk(
                try await subject.connector(nil), from: PageCursor("of a version long gone"))
            try require(Set(walk.ids), is: Set(made), "payouts")
        },
        ProviderCheck("no payout is missed while others are made and fail between pages") { subject in
            let made = try await subject.payOut(2 * subject.pageSize + 1)
            var left = made
            let walk = try await PayoutWalk(try await subject.connector(nil)) { walk in
                _ = try await subject.payOut(2)
                guard let next = left.lastIndex(where: { !walk.ids.contains($0) }) else { return }
                try await subject.fail(left.remove(at: next), at: subject.clock.now())
            }
            let missing = Set(made).subtracting(walk.ids)
            try require(walk.cursors.count > 1, "there is only one page")
            try require(missing.isEmpty, "\(missing.count) are missing")
        },
        ProviderCheck("payouts made since a moment are listed, those of that moment too") { subject in
            let made = try await subject.payOut(6)
            let since = try await subject.truth(made[2]).createdAt
            let walk = try await PayoutWalk(try await subject.connector(nil), since: since)
            for id in made where try await subject.truth(id).createdAt >= since {
                try require(walk.ids.contains(id), "number \((made.firstIndex(of: id) ?? 0) + 1) of 6 is missing")
            }
        },
        ProviderCheck("a payout that cannot be read stops itself and not its page") { subject in
            let made = try await subject.payOut(3)
            let provider = try await subject.connector(.changing { subject.damaged($0, made[1], .amount) })
            let walk = try await PayoutWalk(provider)
            try require(Set(walk.ids), is: Set(made), "payouts")
            for record in walk.records {
                let problem = problem(of: record, provider)
                try require(
                    (problem == nil) == (record.id != made[1]), "\(record.id): \(problem?.detail ?? "it is read")")
                try require(problem?.detail.isEmpty != true, "it does not say what is wrong")
            }
        },
        ProviderCheck("a payout without a readable id is told and holds up no other") { subject in
            let made = try await subject.payOut(3)
            let provider = try await subject.connector(.changing { subject.damaged($0, made[1], .id) })
            let walk = try await PayoutWalk(provider)
            try require(Set(walk.ids), is: [made[0], made[2]], "payouts")
            try require(!walk.unreadable.isEmpty, "nobody is told of the one that is lost")
        },
        ProviderCheck("a payout is the same by its id as in the list, and there is none where there is none") {
            subject in
            let made = try await subject.payOut(3)
            try await subject.finish(made[0])
            try await subject.finish(made[1])
            try await subject.pass(.seconds(24 * 3600))
            try await subject.fail(made[0], at: subject.clock.now())
            let provider = try await subject.connector(nil)
            for record in try await PayoutWalk(provider).records {
                let found = try await provider.payout(id: record.id)
                try require(found?.id, is: record.id, "by its id")
                try require(
                    try found.map { try provider.normalise($0) }, is: try provider.normalise(record), "by its id")
            }
            for id in [made[0] + "0", "no id at all", "../" + made[0]] {
                try require(try await provider.payout(id: id) == nil, "\"\(id)\" finds a payout")
            }
        },
    ]

    /// A payout says what it is and how it stands.
    static let payouts: [ProviderCheck] = [
        ProviderCheck("a payout has its provider, its net, and the days it was made and arrives") { subject in
            let id = try await subject.payOutOne()
            try await subject.finish(id)
            let (payout, truth) = (try await subject.payout(id), try await subject.truth(id))
            try require(payout.provider, is: subject.provider, "provider")
            try require(payout.id, is: id, "id")
            try require(payout.content, is: .settled, "content")
            try require(payout.state, is: .paid, "state")
            try require(payout.net, is: subject.money(97_00), "net")
            try require(payout.createdAt, is: truth.createdAt, "made")
            try require(payout.arrivesOn, is: truth.arrivesOn, "arrives")
            try require(payout.returnedOn == nil, "it came back on \(payout.returnedOn.map { "\($0)" } ?? "")")
        },
        ProviderCheck("a payout whose contents are not complete is pending, and its lines are not taken") { subject in
            for number in 1...4 { _ = try await subject.sell("\(number)") }
            let id = try await subject.payOut(subject.currency, at: subject.clock.now())
            try await requireToBePending(id, subject, "before it has arrived")
            try await subject.arrive(id)
            try await requireToBePending(id, subject, "before its contents are complete")
            try await subject.finish(id)
            let payout = try await subject.payout(id)
            try require(payout.state, is: .paid, "state once it is complete")
            try await subject.truth(id).mustBe(payout, try await subject.lines(of: payout))
        },
        ProviderCheck("a payout made by hand is told apart and is never one without lines") { subject in
            _ = try await subject.sell("27")
            let id = try await subject.payOutByHand(subject.money(50_00), at: subject.clock.now())
            try require(try await subject.payout(id).content, is: .unlisted, "content while it is on its way")
            try await subject.finish(id)
            let payout = try await subject.payout(id)
            try require(payout.content, is: .unlisted, "content")
            try require(payout.state, is: .paid, "state")
            try require(payout.net, is: subject.money(50_00), "net")
            let error = try await ProviderQuestion.lines.failure(of: try await subject.connector(nil), about: payout)
            try require(error.decision, is: .stop, "decision when lines are asked for that nobody tells")
        },
        ProviderCheck("a payout that fails after it was paid says so, when it came back, and keeps its lines") {
            subject in
            let id = try await subject.payOutOne()
            try await subject.finish(id)
            let paid = try await subject.payout(id)
            let lines = try await subject.lines(of: paid)
            try require(paid.state, is: .paid, "state before")
            // At noon UTC it is the same day wherever the provider counts its days.
            let day: Int64 = 24 * 3600
            let untilNoon = (day * 3 / 2 - subject.clock.now().milliseconds / 1000 % day) % day
            try await subject.pass(.seconds(2 * day + untilNoon))
            let back = subject.clock.now()
            try await subject.fail(id, at: back)
            let failed = try await subject.payout(id)
            try require(failed.state, is: .failed, "state")
            try require(failed.returnedOn, is: back.day(in: .utc), "when it came back")
            try require(failed.net, is: paid.net, "net")
            try require(failed.content, is: .settled, "content")
            try require(try await subject.lines(of: failed), is: lines, "lines of what failed")
        },
        ProviderCheck("a payout that fails on its way says so once its lines are complete, and when it came back") {
            subject in
            let id = try await subject.payOutOne()
            let back = subject.clock.now()
            try await subject.fail(id, at: back)
            try require(try await subject.payout(id).state != .paid, "it is paid")
            try await subject.finish(id)
            let payout = try await subject.payout(id)
            try require(payout.state, is: .failed, "state")
            try require(payout.returnedOn, is: back.day(in: .utc), "when it came back")
            try await subject.truth(id).mustBe(payout, try await subject.lines(of: payout))
        },
        ProviderCheck("a payout of refunds alone is negative, and so are its lines") { subject in
            let sale = try await subject.sell("27")
            _ = try await subject.paidOut()
            try await subject.refund(sale, subject.money(100_00), at: subject.clock.now())
            let (payout, lines) = try await subject.paidOut()
            try require(payout.net, is: subject.money(-100_00), "net")
            try require(try lines.only(subject.money(-100_00)).kind, is: .refund, "kind")
        },
        ProviderCheck("a field of a payout that nobody knows changes nothing") { subject in
            let (provider, record) = try await finished(subject)
            let payout = try provider.normalise(record)
            try require(try provider.normalise(subject.withUnknownField(record)), is: payout, "the payout")
            try require(try provider.normalise(record), is: payout, "the second reading")
        },
        ProviderCheck("a state that nobody knows is pending and not guessed") { subject in
            let (provider, record) = try await finished(subject)
            let payout = try provider.normalise(subject.withUnknownState(record, "teleported"))
            try require(payout.state, is: .pending, "state")
        },
    ]

    private static func finished(
        _ subject: any ProviderSubject
    ) async throws -> (provider: any PaymentProvider, record: RawRecord) {
        let id = try await subject.payOutOne()
        try await subject.finish(id)
        let provider = try await subject.connector(nil)
        guard let record = try await provider.payout(id: id) else { throw AcceptanceFailure("it is not found") }
        return (provider, record)
    }

    private static func problem(of record: RawRecord, _ provider: any PaymentProvider) -> Problem? {
        do throws(Problem) {
            _ = try provider.normalise(record)
            return nil
        } catch {
            return error
        }
    }

    private static func requireToBePending(
        _ id: String, _ subject: any ProviderSubject, _ when: String
    ) async throws {
        let payout = try await subject.payout(id)
        try require(payout.state, is: .pending, "state \(when)")
        let error = try await ProviderQuestion.lines.failure(of: try await subject.connector(nil), about: payout)
        guard case .retry = error.decision else {
            throw AcceptanceFailure("decision when lines are asked for \(when): \(error.decision)")
        }
    }
}
