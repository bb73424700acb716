// SPDX-License-Identifier: Apache-2.0

#ifndef RELAY_VIEW_H
#define RELAY_VIEW_H

#include "CChildProcess.h"

// What a user namespace is told about who is in it. Written before the fork: formatting is not async-signal-safe.
struct relay_identity {
    char users[40];
    char groups[40];
};

void relay_own_identity(struct relay_identity *identity);

// Gives the calling process, which must have one thread, the view as its root. Only async-signal-safe calls.
// Returns 0, or -1 with errno.
int relay_take_view(const struct relay_view *view, const struct relay_identity *identity);

#endif
