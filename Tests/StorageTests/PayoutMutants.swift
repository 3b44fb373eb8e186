import TestKit
import Testing

/// One broken store or more for each check of payouts.
extension MutantTests {
    static let payoutMutants = payoutRecords + payoutLines + payoutReports + payoutMatches + payoutWords + payoutSearch

    @Test func everyCheckOfPayoutsHasAMutant() {
        for check in StoreCheck.payouts {
            #expect(Self.payoutMutants.contains { check.name.contains($0.check) }, "\(check)")
        }
    }

    private static let payoutRecords = [
        Mutant("returns are dropped", fails: "a payout survives as it was read") { LossyPayoutStore(base: $0) },
        Mutant("all is new", fails: "a payout that changed has work again") { EverythingIsNewStore(base: $0) },
        Mutant("one lane", fails: "payouts stand in a lane of their own") { OneLaneStore(base: $0) },
        Mutant("no next time", fails: "when a waiting payout is due next") { SleepyStore(base: $0) },
    ]

    private static let payoutLines = [
        Mutant("one currency", fails: "a payout's lines come back") { OneCurrencyStore(base: $0) },
        Mutant("pages by time", fails: "lines page in their order") { PagesByTimeStore(base: $0) },
        Mutant("the last part says", fails: "is complete once its last part") { LastPartSaysStore($0) },
        Mutant("gross", fails: "what a payout's lines come to") { GrossStore(base: $0) },
        Mutant("nothing is kept of nothing", fails: "complete without any line") { LinesOnlyStore(base: $0) },
        Mutant("kept afresh", fails: "the same part twice") { AfreshStore($0) },
        Mutant("begun is done", fails: "taken in from its beginning again") { BegunIsDoneStore($0) },
        Mutant("looks at nothing", fails: "whether a part could be kept") { BlindStore(base: $0) },
        Mutant("line by line", fails: "another amount, fee or currency") { LineByLineStore(base: $0) },
        Mutant("known lines passed over", fails: "a movement is in one payout") { PassingOverStore(base: $0) },
        Mutant("more is dropped", fails: "a complete payout takes no more") { SilentlyCompleteStore(base: $0) },
        Mutant("one shelf", fails: "equal ids of payouts and lines") { OneShelfStore(base: $0) },
        Mutant("one provider", fails: "which movements are known") { OneProviderStore(base: $0) },
        Mutant("own lines only", fails: "processes that take in a payout") { OwnLinesStore($0) },
        Mutant("cancelling takes back", fails: "does not take back lines") { CancellableIntakeStore(base: $0) },
    ]

    private static let payoutReports = [
        Mutant("reports are texts", fails: "a payout's own report") { TextReportStore(base: $0) },
        Mutant("pieces are appended", fails: "payouts of one report") { AppendingReportStore($0) },
        Mutant("the first report stays", fails: "that another report completes") { FirstReportStore($0) },
        Mutant("contents in memory", fails: "after a crash payouts are there") { ForgettingContentsStore($0) },
    ]

    private static let payoutMatches = [
        Mutant("one order for a line", fails: "what a line was matched to") { OneOrderStore(base: $0) },
        Mutant("nobody is told", fails: "is matched to is due at once") { QuietMatchStore(base: $0) },
        Mutant("due is a flag", fails: "while its order is worked on") { DueFlagStore(base: $0) },
        Mutant("known orders only", fails: "before its order was stored") { KnownOrdersStore(base: $0) },
        Mutant("the first reason stays", fails: "why no order was found") { FirstReasonStore($0) },
        Mutant("places move", fails: "the place of a line never changes") { MovingPlaceStore($0) },
        Mutant("matches add up", fails: "of two matches of a line") { AddingMatchStore($0) },
        Mutant("lost lines forgiven", fails: "a line that the payout has not") { ForgivingStore(base: $0) },
        Mutant("one part each", fails: "that a line names twice") { OnePartEachStore(base: $0) },
        Mutant("unsorted", fails: "an order's lines are told by time") { UnsortedSettlementsStore(base: $0) },
    ]

    private static let payoutWords = [
        Mutant("a word is added", fails: "takes the place of a whole match") { AddingWordStore(base: $0) },
        Mutant("the machine knows", fails: "is not overwritten by what is found") { MachineKnowsBetterStore(base: $0) },
        Mutant("an order is needed", fails: "settled without an order") { OrderNeededStore(base: $0) },
        Mutant("taken in silence", fails: "those that the line is taken from") { QuietTakingStore(base: $0) },
        Mutant("payments left behind", fails: "has paid an order is not taken") { LeavingBehindStore(base: $0) },
        Mutant("refused in silence", fails: "may be paying an order is not") { SilentlyRefusingStore(base: $0) },
        Mutant("forgotten first", fails: "a person leaves with its order") { ForgetFirstStore(base: $0) },
        Mutant("nobody said it", fails: "who said what of a line") { AnonymousStore(base: $0) },
    ]

    private static let payoutSearch = [
        Mutant("no invoices", fails: "an order is found by its transaction") { NoInvoicesStore(base: $0) },
        Mutant("the first is enough", fails: "all orders of a key are found") { FirstFoundStore(base: $0) },
        Mutant("everywhere", fails: "all orders of a key are found") { EverywhereStore(base: $0) },
        Mutant("numbers by letter", fails: "with and without the mark") { LiteralStore(base: $0) },
        Mutant("transactions by letter", fails: "spaces and marks around") { LiteralStore(base: $0) },
        Mutant("the first keys stay", fails: "an order that changed is found") { FirstKeysStore($0) },
        Mutant("the farthest first", fails: "how near they were paid") { FarthestFirstStore(base: $0) },
        Mutant("torn pages of documents", fails: "all documents of a kind") { TornPagesStore(base: $0) },
        Mutant("torn pages of payouts", fails: "all payouts are read") { TornPagesStore(base: $0) },
    ]
}
