// SPDX-License-Identifier: Apache-2.0

/// One of the four stretches of the race; each is run by a service of the same name.
public enum Leg: String, Codable, Sendable, CaseIterable {
    case pipeline, deploy, monitor, governance
}
