import ConnectorKit
import Domain

/// Pages are walked to their end, from anywhere, while the shop goes on.
extension StorefrontCheck {
    static let walking: [StorefrontCheck] = [
        StorefrontCheck("every order is read and the walk ends, whatever the number of orders") { subject in
            var placed: Set<String> = []
            for count in [0, 1, subject.pageSize - 1, 1, subject.pageSize] {
                placed.formUnion(try await subject.place(count))
                let walk = try await StorefrontWalk(try await subject.connector(nil), since: .distantPast)
                try require(Set(walk.ids), is: placed, "orders read of \(placed.count)")
                // Where a page ends within a moment, the next one may begin with that moment again.
                try require(
                    walk.ids.count <= placed.count + walk.cursors.count,
                    "\(walk.ids.count) records of \(placed.count) orders")
            }
        },
        StorefrontCheck("from every cursor the walk goes on to the rest and misses nothing") { subject in
            _ = try await subject.place(3 * subject.pageSize + 1)
            let whole = try await StorefrontWalk(try await subject.connector(nil), since: .distantPast)
            try require(whole.cursors.count > 1, "there is only one page")
            for (cursor, before) in whole.cursors {
                // Written down and read by another process.
                let again = PageCursor(String(decoding: Array(cursor.text.utf8), as: UTF8.self))
                let rest = try await StorefrontWalk(
                    try await subject.connector(nil), since: .distantPast, from: again)
                let missing = Set(whole.ids[before...]).subtracting(rest.ids)
                try require(missing.isEmpty, "after \(before) records \(missing.count) are missing")
                try require(
                    before == 0 || rest.ids.count < whole.ids.count, "it begins again from record \(before)")
            }
        },
        StorefrontCheck("a cursor that nobody knows begins again and loses nothing") { subject in
            let placed = try await subject.place(subject.pageSize + 1)
            let walk = try await StorefrontWalk(
                try await subject.connector(nil), since: .distantPast, from: PageCursor("of a version long gone"))
            try require(Set(walk.ids).isSuperset(of: placed), "only \(walk.ids.count) of \(placed.count) are read")
        },
        StorefrontCheck("no order is missed that changes while pages are walked") { subject in
            let placed = try await subject.place(3 * subject.pageSize)
            var untouched = placed
            let walk = try await StorefrontWalk(try await subject.connector(nil), since: .distantPast) { walk in
                // One that was read and one that was not; both move to the end.
                for id in [walk.ids.first, untouched.last { !walk.ids.contains($0) }].compactMap(\.self) {
                    try await subject.touch(id)
                    untouched.removeAll { $0 == id }
                }
            }
            let missing = Set(placed).subtracting(walk.ids)
            try require(missing.isEmpty, "\(missing.count) are missing")
        },
        StorefrontCheck("a run from what the last one covered finds every change since, and is not the whole again") {
            subject in
            var placed = try await subject.place(2 * subject.pageSize)
            try await subject.clock.sleep(for: .seconds(3600))
            placed += try await subject.place(subject.pageSize)
            let first = try await StorefrontWalk(try await subject.connector(nil), since: .distantPast)
            guard let covered = first.coveredThrough else { throw AcceptanceFailure("nothing is covered") }
            try await subject.clock.sleep(for: .seconds(3600))
            let changed = [placed[0], placed[placed.count / 2]]
            for id in changed { try await subject.touch(id) }
            let new = try await subject.place(1)
            let second = try await StorefrontWalk(try await subject.connector(nil), since: covered)
            try require(Set(second.ids).isSuperset(of: changed + new), "it finds \(second.ids), not \(changed + new)")
            try require(second.ids.count < placed.count, "it reads all \(second.ids.count) again")
        },
        StorefrontCheck("orders are found by id as they are now, and those that are gone are named") { subject in
            let placed = try await subject.place(4)
            try await subject.remove(placed[1])
            let shop = try await subject.connector(nil)
            let asked = placed + ["999999", "no id at all"]
            let found = try await shop.orders(ids: asked)
            try require(Set(found.found.map(\.id)), is: [placed[0], placed[2], placed[3]], "found")
            try require(Set(found.gone), is: [placed[1], "999999", "no id at all"], "gone")
        },
        StorefrontCheck("a number finds the order of that number and no other") { subject in
            let placed = try await subject.place(12)
            let shop = try await subject.connector(nil)
            for id in placed {
                try require(try await shop.order(number: subject.number(of: id))?.id, is: id, "by number")
            }
            for number in ["999999", "", subject.number(of: placed[0]) + "0", "0" + subject.number(of: placed[0])] {
                let found = try await shop.order(number: number)
                try require(found == nil, "number \(number) finds \(found?.id ?? "")")
            }
        },
        StorefrontCheck("reading writes nothing in the shop") { subject in
            let placed = try await subject.place(2)
            let seen = SeenCalls()
            let shop = try await subject.connector { call in
                seen.add(call)
                return nil
            }
            _ = try await StorefrontWalk(shop, since: .distantPast)
            _ = try await shop.orders(ids: placed)
            _ = try await shop.order(number: subject.number(of: placed[0]))
            _ = await shop.check()
            try require(!seen.all.isEmpty, "nothing was asked")
            try require(seen.all.allSatisfy { $0.method == .get && $0.body == nil }, "it sends more than questions")
        },
    ]
}
