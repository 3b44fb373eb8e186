import ConnectorKit
import Domain

/// Who calls proves that it is the provider, now, and with these words.
extension ProviderCheck {
    static let webhooks: [ProviderCheck] = [
        ProviderCheck("a webhook is believed with the account's signature and with no other") { subject in
            let id = try await subject.payOutOne()
            let provider = try await subject.connector(nil)
            let now = subject.clock.now()
            let genuine = try await subject.webhook(.payout(id))
            try requireBelief(in: genuine, of: id, provider, now, "that is genuine")
            try requireBelief(in: genuine, of: id, provider, now, "sent twice")
            // As servers and proxies write names of headers.
            let small = Webhook(headers: genuine.headers.map { ($0.name.lowercased(), $0.value) }, body: genuine.body)
            try requireBelief(in: small, of: id, provider, now, "with names in small letters")
            let stranger = try await subject.webhook(.ofStranger(id))
            try requireRefusal(of: stranger, provider, now, subject, "signed by a stranger")
            try requireRefusal(of: Webhook(headers: [], body: genuine.body), provider, now, subject, "without headers")
        },
        ProviderCheck("a webhook is believed for its time and no longer, and its time cannot be renewed") { subject in
            let id = try await subject.payOutOne()
            let provider = try await subject.connector(nil)
            let now = subject.clock.now()
            let genuine = try await subject.webhook(.payout(id))
            try requireBelief(in: genuine, of: id, provider, now, "at once")
            let last = now + subject.webhookLife
            try requireBelief(in: genuine, of: id, provider, last, "at the end of its time")
            for late in [Duration.seconds(1), .seconds(24 * 3600)] {
                try requireRefusal(of: genuine, provider, last + late, subject, "\(late) too late")
            }
            let redated = try await subject.webhook(.redated(id))
            try requireRefusal(of: redated, provider, now, subject, "with a time that was not signed")
        },
        ProviderCheck("a webhook is believed for its exact body") { subject in
            let made = try await subject.payOut(2)
            let provider = try await subject.connector(nil)
            let now = subject.clock.now()
            let genuine = try await subject.webhook(.payout(made[0]))
            try requireBelief(in: genuine, of: made[0], provider, now, "that is genuine")
            let text = String(decoding: genuine.body, as: UTF8.self)
            let other = text.replacing(made[0], with: made[1])
            try require(other != text, "the payout is not named in the body")
            for changed in [other, text + " ", text + "\n", " " + text, String(text.dropLast()), ""] {
                let webhook = Webhook(headers: genuine.headers, body: Array(changed.utf8))
                try requireRefusal(of: webhook, provider, now, subject, "with another body")
            }
        },
        ProviderCheck("a webhook of something else tells of no payout") { subject in
            _ = try await subject.payOutOne()
            let provider = try await subject.connector(nil)
            let webhook = try await subject.webhook(.somethingElse)
            let now = subject.clock.now()
            let id = try provider.payoutID(in: webhook, now: now)
            try require(id == nil, "it tells of \(id ?? "")")
            try requireRefusal(of: Webhook(headers: [], body: webhook.body), provider, now, subject, "without headers")
        },
    ]

    private static func requireBelief(
        in webhook: Webhook, of payout: String, _ provider: any PaymentProvider, _ now: Instant, _ what: String
    ) throws(AcceptanceFailure) {
        let id: String?
        do throws(Problem) {
            id = try provider.payoutID(in: webhook, now: now)
        } catch {
            throw AcceptanceFailure("a webhook \(what) is not believed: \(error)")
        }
        try require(id, is: payout, "a webhook \(what) tells of")
    }

    private static func requireRefusal(
        of webhook: Webhook, _ provider: any PaymentProvider, _ now: Instant, _ subject: any ProviderSubject,
        _ what: String
    ) throws(AcceptanceFailure) {
        do throws(Problem) {
            let id = try provider.payoutID(in: webhook, now: now)
            throw Problem(.internalError, "a webhook \(what) is believed and tells of \(id ?? "nothing")")
        } catch {
            if error.code == .internalError { throw AcceptanceFailure(error.detail) }
            try require(error.code, is: .webhookNotSigned, "code of a webhook \(what)")
            try StorefrontCheck.refuse(subject.secrets, in: "\(error)")
        }
    }
}
