// SPDX-License-Identifier: Apache-2.0

/// The form in which the suite itself writes moments, `2026-11-24T09:30:00.123Z`, without a calendar: every event
/// carries a dozen of them.
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

    /// - Returns: Nil when the text has another form, or is no moment.
    static func milliseconds(of text: String) -> Int64? {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count == length, marks.allSatisfy({ bytes[$0.place] == $0.byte }) else { return nil }
            var fields: [Int64] = []
            for field in digits {
                var value: Int64 = 0
                for byte in bytes[field.place..<field.place + field.count] {
                    guard case UInt8(ascii: "0")...UInt8(ascii: "9") = byte else { return nil }
                    value = value * 10 + Int64(byte - UInt8(ascii: "0"))
                }
                fields.append(value)
            }
            let day = day(ofYear: fields[0], month: fields[1], day: fields[2])
            // A day that its month does not have comes back as another one.
            guard civil(ofDay: day) == (fields[0], fields[1], fields[2]), fields[3] < 24, fields[4] < 60, fields[5] < 60
            else { return nil }
            return day * dayMilliseconds + ((fields[3] * 60 + fields[4]) * 60 + fields[5]) * 1000 + fields[6]
        }
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
