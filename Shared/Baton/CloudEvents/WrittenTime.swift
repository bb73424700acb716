// SPDX-License-Identifier: Apache-2.0

/// Moments as text, without a calendar: every event carries a dozen of them. The suite itself writes
/// `2026-11-24T09:30:00.123Z`.
///
/// Source of the form: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
///
/// Source of the arithmetic: https://howardhinnant.github.io/date_algorithms.html (`days_from_civil` and its inverse)
enum WrittenTime {
    private static let length = 24
    private static let dayMilliseconds: Int64 = 86_400_000
    private static let digits: [(place: Int, count: Int)] = [
        (0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2), (20, 3),
    ]
    private static let marks: [(place: Int, byte: UInt8)] = [
        (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")), (13, UInt8(ascii: ":")),
        (16, UInt8(ascii: ":")), (19, UInt8(ascii: ".")), (23, UInt8(ascii: "Z")),
    ]

    /// - Returns: Nil when the year has not four digits.
    static func text(ofMilliseconds milliseconds: Int64) -> String? {
        let timeOfDay = (milliseconds % dayMilliseconds + dayMilliseconds) % dayMilliseconds
        let (year, month, day) = civil(ofDay: (milliseconds - timeOfDay) / dayMilliseconds)
        guard (0...9999).contains(year) else { return nil }
        let seconds = timeOfDay / 1000
        let fields = [year, month, day, seconds / 3600, seconds / 60 % 60, seconds % 60, timeOfDay % 1000]
        return String(unsafeUninitializedCapacity: length) { bytes in
            for mark in marks { bytes[mark.place] = mark.byte }
            for (value, field) in zip(fields, digits) {
                var rest = value
                for place in stride(from: field.place + field.count - 1, through: field.place, by: -1) {
                    bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
            }
            return length
        }
    }

    /// Reads any form that RFC 3339 allows.
    ///
    /// A leap second is the first one after it, as clocks of computers count; of a fraction the milliseconds count.
    /// - Returns: Nil when the text has another form, or is no moment of the years 0001 to 9999 in UTC.
    static func milliseconds(of text: String) -> Int64? {
        var text = text
        return text.withUTF8 { bytes in
            var reader = TimeReader(bytes: bytes)
            guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
                let day = reader.digits(2), reader.take("T"), let hour = reader.digits(2), reader.take(":"),
                let minute = reader.digits(2), reader.take(":"), let second = reader.digits(2),
                let fraction = reader.fraction(), let offset = reader.offset(), reader.isAtEnd
            else { return nil }
            let date = self.day(ofYear: year, month: month, day: day)
            // A day that its month does not have comes back as another one.
            guard civil(ofDay: date) == (year, month, day), hour < 24, minute < 60, second <= 60 else { return nil }
            let seconds = date * 86_400 + (hour * 60 + minute - offset) * 60 + second
            guard second < 60 || isAfterLeapSecond(seconds) else { return nil }
            let milliseconds = seconds * 1000 + fraction
            return readable.contains(milliseconds) ? milliseconds : nil
        }
    }

    /// 0001-01-01T00:00:00Z until the last millisecond of 9999.
    private static let readable: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// Leap seconds end June or December, in UTC.
    private static func isAfterLeapSecond(_ seconds: Int64) -> Bool {
        guard seconds % 86_400 == 0 else { return false }
        let (_, month, day) = civil(ofDay: seconds / 86_400)
        return day == 1 && (month == 1 || month == 7)
    }

    /// Days since 1970-01-01 of a date in the Gregorian calendar; years begin in March here, so that the leap day is
    /// their last.
    private static func day(ofYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let day = day + 719_468
        let era = (day >= 0 ? day : day - 146_096) / 146_097
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400 + (month < 10 ? 0 : 1)
        return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
    }
}

/// A cursor over a text that should be a moment.
private struct TimeReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { place == bytes.count }

    /// Exactly so many digits.
    mutating func digits(_ count: Int) -> Int64? {
        guard place + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[place..<place + count] {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        place += count
        return value
    }

    /// One character; a letter in either case, as the grammar's notation has it.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard place < bytes.count else { return false }
        let (found, expected) = (bytes[place], UInt8(ascii: character))
        guard found == expected || expected >= UInt8(ascii: "A") && found == expected | 0x20 else { return false }
        place += 1
        return true
    }

    /// Milliseconds; 0 when there is no fraction, nil when it has no digits.
    mutating func fraction() -> Int64? {
        guard take(".") else { return 0 }
        var (value, factor): (Int64, Int64) = (0, 100)
        let start = place
        while let digit = digits(1) {
            value += digit * factor
            factor /= 10
        }
        return place > start ? value : nil
    }

    /// Minutes east of Greenwich; nil when there is no offset.
    mutating func offset() -> Int64? {
        if take("Z") { return 0 }
        let isWest = take("-")
        guard isWest || take("+"), let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 60 + minutes)
    }
}
