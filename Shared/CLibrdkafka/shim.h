#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <librdkafka/rdkafka.h>
/* The in-process mock cluster: used by tests only. */
#include <librdkafka/rdkafka_mock.h>

/* Swift cannot call variadic C functions. Used by tests only: librdkafka makes its own errors. */
static inline rd_kafka_error_t *relay_rd_kafka_error(rd_kafka_resp_err_t code, const char *text) {
    return rd_kafka_error_new(code, "%s", text);
}

/* The name that Linux has for the thread that calls. */
static inline int relay_thread_id(void) { return (int)syscall(SYS_gettid); }

/* How much later than asked the kernel may end the waits of the thread that calls (prctl(2)); 0, or -1 and errno. */
static inline int relay_set_timer_slack(unsigned long nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, nanoseconds, 0, 0, 0);
}

/* Gives a thread an ordinary schedule with this niceness, and asks for slices of this length, which kernels before 6.12
   do not look at (sched_setattr(2)); 0, or -1 and errno. The C library has no function for it. */
static inline int relay_set_schedule(int thread, int niceness, unsigned long long slice_nanoseconds) {
    struct {
        unsigned int size, policy;
        unsigned long long flags;
        int niceness;
        unsigned int priority;
        unsigned long long runtime, deadline, period;
    } attributes = {.size = sizeof attributes, .niceness = niceness, .runtime = slice_nanoseconds};
    return (int)syscall(SYS_sched_setattr, thread, &attributes, 0u);
}
