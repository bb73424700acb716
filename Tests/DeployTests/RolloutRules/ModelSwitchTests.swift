// SPDX-License-Identifier: Apache-2.0

import Baton
import Testing

@testable import RolloutRules

@Suite("Which release has the traffic")
struct SwitchTests {
    let a = baton("a")
    let b = baton("b")

    @Test("the serving release keeps the traffic until the next one is ready")
    func swap() {
        var model = ModelSwitch()
        #expect(model.desire(a) == [.start(a)])
        #expect(model.ready(a) == [.swap(to: a, from: nil)])
        #expect(model.desire(b) == [.start(b)])
        #expect(model.serving == a)
        #expect(model.ready(b) == [.swap(to: b, from: a)])
        #expect(model.serving == b && model.starting == nil)
    }

    @Test("a release withdrawn before it was ready is given up, and the old one goes on")
    func withdrawnWhileStarting() {
        var model = ModelSwitch()
        _ = model.desire(a) + model.ready(a) + model.desire(b)
        #expect(model.desire(a) == [.cancel(b)])
        #expect(model.ready(b) == [])
        #expect(model.serving == a)
    }

    @Test("a record told twice changes nothing")
    func repeated() {
        var model = ModelSwitch()
        _ = model.desire(a)
        #expect(model.desire(a) == [])
        _ = model.ready(a)
        #expect(model.desire(a) == [])
        #expect(model.ready(a) == [])
    }

    @Test("a model without a live release is retired")
    func retired() {
        var model = ModelSwitch()
        _ = model.desire(a) + model.ready(a)
        #expect(model.desire(nil) == [.retire(a)])
        #expect(model.serving == nil)
        _ = model.desire(b)
        #expect(model.desire(nil) == [.cancel(b)])
    }
}
