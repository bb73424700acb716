// SPDX-License-Identifier: Apache-2.0

#include "CChecksum.h"

#include <string.h>

#if defined(__x86_64__)

int relay_crc32c_is_available(void) { return __builtin_cpu_supports("sse4.2"); }

#define CRC_TARGET __attribute__((target("sse4.2")))
#define CRC_WORD(crc, word) ((uint32_t)__builtin_ia32_crc32di(crc, word))
#define CRC_BYTE(crc, byte) __builtin_ia32_crc32qi(crc, byte)

#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)

// Part of the baseline that the compiler was told to build for.
int relay_crc32c_is_available(void) { return 1; }

#define CRC_TARGET
#define CRC_WORD(crc, word) __builtin_arm_crc32cd(crc, word)
#define CRC_BYTE(crc, byte) __builtin_arm_crc32cb(crc, byte)

#else

int relay_crc32c_is_available(void) { return 0; }

#endif

#if defined(CRC_TARGET)

CRC_TARGET uint32_t relay_crc32c(const void *bytes, size_t count) {
    const unsigned char *next = bytes;
    uint32_t crc = UINT32_MAX;
    for (; count >= 8; count -= 8, next += 8) {
        uint64_t word;
        memcpy(&word, next, sizeof word);
        crc = CRC_WORD(crc, word);
    }
    for (; count > 0; count--, next++) crc = CRC_BYTE(crc, *next);
    return ~crc;
}

#else

uint32_t relay_crc32c(const void *bytes, size_t count) {
    (void)bytes;
    (void)count;
    return 0;
}

#endif
