/// The configuration that the demo runs with, as a person would write it. It is a file, so that every other command can be
/// tried on the running demo.
struct DemoConfiguration {
    static let integration = "demo-shop"

    let store: String
    let shop: String
    let fortnox: String
    /// Nothing that was ordered before it is synced.
    let firstDay: String
    /// 0: as many as one likes.
    let callsPer5Seconds: Int

    var yaml: String {
        """
        # Made by `ordersync demo`. Both systems are simulated.
        store: "sqlite:\(store)"
        integrations:
          - name: \(Self.integration)
            live: true
            timeZone: Europe/Stockholm
            pollEvery: 2
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
                - method: cod
                  ownInvoice: true
                - method: "*"
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
