// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Baton

@Suite("Moments and their written form")
struct WrittenTimeTests {
    /// Foundation's own form, whose calendar is another's code.
    private func formatted(_ milliseconds: Int64) -> String {
        let fraction = ((milliseconds % 1000) + 1000) % 1000
        let date = Date(timeIntervalSince1970: Double((milliseconds - fraction) / 1000))
        return String(date.formatted(.iso8601).dropLast()) + "." + String(format: "%03d", fraction) + "Z"
    }

    private static let first: Int64 = -62_135_596_800_000  // 0001-01-01
    private static let last: Int64 = 253_402_300_799_999  // 9999-12-31T23:59:59.999Z

    @Test("A moment is written and read as Foundation does, in every year, month and leap day")
    func sameAsFoundation() {
        var numbers = SystemRandomNumberGenerator()
        // Foundation's calendar is the Julian one before 1582.
        let drawn = (0..<5_000).map { _ in Int64.random(in: -12_219_292_800_000...Self.last, using: &numbers) }
        let leapDays: [Int64] = [951_782_400_000, 4_107_542_400_000, 1_709_164_800_000, -2_203_891_200_000]
        for milliseconds in drawn + leapDays.flatMap({ [$0 - 1, $0, $0 + 86_399_999, $0 + 86_400_000] }) {
            let text = Timestamp(milliseconds: milliseconds).description
            #expect(text == formatted(milliseconds))
            #expect(WrittenTime.milliseconds(of: text) == milliseconds)
        }
    }

    @Test("Every moment with a year of four digits survives being written")
    func roundTrip() {
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            let moment = Timestamp(milliseconds: Int64.random(in: Self.first...Self.last, using: &numbers))
            #expect(Timestamp(moment.description) == moment)
        }
    }

    @Test(
        "What is no moment is refused",
        arguments: [
            "", "2026-02-29T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-00-10T00:00:00.000Z",
            "2026-04-31T00:00:00.000Z", "2026-04-00T00:00:00.000Z", "2026-04-30T24:00:00.000Z",
            "2026-04-30T00:60:00.000Z", "2026-04-30 00:00:00.000Z", "2026-04-3xT00:00:00.000Z",
            "2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "12026-01-01T00:00:00Z", "2026-01-01T00:00:00 GMT",
            "2026-01-01T00:00:00GMT", "2026-01-01T00:00:00+05", "2026-01-01T00:00:00+0500",
            "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+05:60", "2026-01-01T00:00:00", "2026-01-01T00:00Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z", "2026-01-01", "20260101T000000Z",
            "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
            "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "٢٠٢٦-01-01T00:00:00Z", "lunchtime",
        ])
    func refused(text: String) {
        #expect(WrittenTime.milliseconds(of: text) == nil)
        #expect(Timestamp(text) == nil)
    }

    @Test("Every form of RFC 3339 is read, and of a fraction the milliseconds")
    func otherForms() {
        let moment = Timestamp(milliseconds: 1_764_000_000_000)
        for text in [
            "2025-11-24T16:00:00Z", "2025-11-24t16:00:00z", "2025-11-24T17:00:00+01:00", "2025-11-24T16:00:00-00:00",
            "2025-11-24T10:30:00-05:30", "2025-11-25T15:59:00+23:59", "2025-11-24T16:00:00.0Z",
            "2025-11-24T16:00:00.000999999999999999999Z",
        ] {
            #expect(Timestamp(text) == moment, "\(text)")
        }
        #expect(Timestamp("2025-11-24T16:00:00.5Z") == moment + .milliseconds(500))
        #expect(Timestamp("2025-11-24T16:00:00.1239Z") == moment + .milliseconds(123))
        #expect(Timestamp("0001-01-01T00:00:00Z")?.milliseconds == Self.first)
        #expect(Timestamp("9999-12-31T23:59:59.999Z")?.milliseconds == Self.last)
    }

    @Test("A leap second is read as the one after it, and only where one can be")
    func leapSeconds() {
        #expect(Timestamp("2016-12-31T23:59:60Z") == Timestamp("2017-01-01T00:00:00Z"))
        #expect(Timestamp("2015-06-30T23:59:60.25Z") == Timestamp("2015-07-01T00:00:00.25Z"))
        #expect(Timestamp("1990-12-31T15:59:60-08:00") == Timestamp("1991-01-01T00:00:00Z"))
        for text in [
            "2016-12-31T23:58:60Z", "2016-12-30T23:59:60Z", "2016-11-30T23:59:60Z", "2016-12-31T23:59:61Z",
            "2016-12-31T23:59:60+01:00", "9999-12-31T23:59:60Z",
        ] {
            #expect(Timestamp(text) == nil, "\(text)")
        }
    }
}
