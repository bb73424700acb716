// SPDX-License-Identifier: Apache-2.0
//
// A library to be loaded before all others (LD_PRELOAD): its process reads a time of day that is
// SKEWED_CLOCK_SECONDS off. Time goes by as ever: monotonic clocks and sleeps are untouched, and waits until a time of
// day end when the skewed clock says so.
//
// libfaketime 0.9.10 cannot be used here: it does not know cnd_timedwait(3), with which librdkafka waits, so that each
// of its waits is off by the skew (seen: its threads "did not initialize").

#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "SkewedClock.h"

static long skew;
static int (*wait_condition)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
static int (*wait_c11_condition)(cnd_t *, mtx_t *, const struct timespec *);
static int (*wait_semaphore)(sem_t *, const struct timespec *);

static void *find(const char *name, const char *version) {
    // Condition variables have an older form beside the present one.
    void *found = version ? dlvsym(RTLD_NEXT, name, version) : NULL;
    return found ? found : dlsym(RTLD_NEXT, name);
}

__attribute__((constructor)) static void prepare(void) {
    const char *text = getenv("SKEWED_CLOCK_SECONDS");
    if (text) skew = atol(text);
    wait_condition = find("pthread_cond_timedwait", "GLIBC_2.3.2");
    wait_c11_condition = find("cnd_timedwait", NULL);
    wait_semaphore = find("sem_timedwait", NULL);
}

long skewed_clock_seconds(void) {
    return skew;
}

// The kernel's time for one of ours. Times since the machine's start are far smaller than times since 1970.
static struct timespec true_time(const struct timespec *skewed) {
    struct timespec result = *skewed;
    if (result.tv_sec > 1000000000) result.tv_sec -= skew;
    return result;
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

int timespec_get(struct timespec *now, int base) {
    return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, now) == 0 ? base : 0;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}

int pthread_cond_timedwait(
    pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict until) {
    struct timespec due = true_time(until);
    if (!wait_condition) prepare();
    return wait_condition(condition, mutex, &due);
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict until) {
    struct timespec due = true_time(until);
    if (!wait_c11_condition) prepare();
    return wait_c11_condition(condition, mutex, &due);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict until) {
    struct timespec due = true_time(until);
    if (!wait_semaphore) prepare();
    return wait_semaphore(semaphore, &due);
}
