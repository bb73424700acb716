// SPDX-License-Identifier: Apache-2.0

import Testing

/// Tests of all processes together: each starts a whole relay, and `make test` runs no more than two at once.
@Suite("A whole relay", .serialized)
struct WholeRelay {}
