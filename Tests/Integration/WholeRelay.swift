// SPDX-License-Identifier: Apache-2.0

import Testing

/// Tests of all processes together, one after another: each starts a whole relay.
@Suite("A whole relay", .serialized)
struct WholeRelay {}
