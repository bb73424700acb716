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
