// SPDX-License-Identifier: Apache-2.0
//
// A library to be loaded before all others (LD_PRELOAD): its process reads a time of day that is
// SKEWED_CLOCK_SECONDS off. Time goes by as ever: monotonic clocks, sleeps and waits are untouched.
//
// libfaketime cannot be used here: it bends absolute waits but not the timespec_get(3) that librdkafka computes them
// from, so that each of its waits is off by the skew (seen with 0.9.10: its threads "did not initialize").

#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "SkewedClock.h"

static long skew;

__attribute__((constructor)) static void read_skew(void) {
    const char *text = getenv("SKEWED_CLOCK_SECONDS");
    if (text) skew = atol(text);
}

long skewed_clock_seconds(void) {
    return skew;
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) now->tv_sec += skew;
    return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
