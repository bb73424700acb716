#include <librdkafka/rdkafka.h>
/* The in-process mock cluster: used by tests only. */
#include <librdkafka/rdkafka_mock.h>
