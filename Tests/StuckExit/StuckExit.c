// SPDX-License-Identifier: Apache-2.0
//
// Loaded before a program (LD_PRELOAD), it keeps exit(3) from ever ending the process, as a handler does that waits for
// a lock of a thread which is gone or busy.

#include <stdlib.h>
#include <unistd.h>

static void wait_for_ever(void) {
    for (;;) pause();
}

__attribute__((constructor)) static void arrange(void) {
    atexit(wait_for_ever);
}
