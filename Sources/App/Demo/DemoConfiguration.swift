/// The configuration that the demo runs with, as a person would write it. It is a file, so that every other command can be
/// tried on the running demo.
struct DemoConfiguration {
    static let integration = "demo-shop"

    let store: String
    let shop: String
    let fortnox: String
    let stripe: String
    /// Nothing that was ordered before it is synced.
    let firstDay: String
    /// 0: as many as one likes.
    let callsPer5Seconds: Int

    var yaml: String {
        """
        # Made by `ordersync demo`. All systems are simulated.
        store: "sqlite:\(store)"
        integrations:
          - name: \(Self.integration)
            live: true
            timeZone: Europe/Stockholm
            pollEvery: 2
            pollPayoutsEvery: 5
            storefront:
              connector: woocommerce
              url: "\(shop)"
              consumerKey: ck_sandbox
              consumerSecret: cs_sandbox
            erp:
              connector: fortnox
              url: "\(fortnox)"
              authorisationURL: "\(fortnox)"
              clientId: sandbox-client
              clientSecret: sandbox-secret
              refreshToken: sandbox-refresh-1
              callsPer5Seconds: \(callsPer5Seconds)
              serverLimitSeconds: 5
              searchLagSeconds: 1
            providers:
              - connector: stripe
                url: "\(stripe)"
                secretKey: sk_test_sandbox
                webhookSecret: whsec_sandbox
                callsPerSecond: 0
            settings:
              orders:
                excludeBefore: "\(firstDay)"
              articles:
                missingSKU: stop
                rounding: AVRUNDNING
                refund: KREDIT
              fees:
                - name: "*"
                  article: AVGIFT
              shippingMethods:
                - method: "*"
                  article: FRAKT
              paymentMethods:
                - {method: cod, ownInvoice: true}
                - {method: stripe, provider: stripe}
                - {method: klarna, provider: klarna}
                - {method: bacs, paidTo: "1930"}
                - {method: "*", paidTo: "1910"}
              payments:
                register: payout
                rounding: "3740"
                exchangeGain: "3960"
                exchangeLoss: "7960"
                accounts:
                  - provider: stripe
                    currency: SEK
                    clearing: "1580"
                    bank: "1930"
                    fees:
                      - {kind: "*", account: "6064", vat: reverseCharge, percent: 25, inputVAT: "2645", outputVAT: "2614", confirmed: true}
                    disputes: "6351"
                    reserves: "1689"
                    adjustments: "3999"
                    transfers: "1940"
                    suspense: "2999"
                    beforeStart: "1588"
                  - provider: klarna
                    currency: SEK
                    clearing: "1581"
                    bank: "1930"
                    fees:
                      - {kind: "*", account: "6064", confirmed: true}
                    disputes: "6351"
                    suspense: "2999"
              vat:
                homeCountry: SE
                rules:
                  - {percent: 25, country: SE, tax: 25@3001}
                  - {percent: 12, country: SE, tax: 12@3002}
                  - {percent: 6, country: SE, tax: 6@3003}
                  - {percent: 19, country: DE, tax: 19@3111}
                  - {percent: 7, country: DE, tax: 7@3112}
                  - {percent: 25.5, country: FI, tax: 25.5@3113}
                  - {percent: 25, country: DK, tax: 25@3114}
                  - {reason: export, tax: 0@3105}
                  - {reason: euBusiness, tax: 0@3108}
                  - {reason: exempt, tax: 0@3004}

        """
    }
}
