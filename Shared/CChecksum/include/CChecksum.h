// SPDX-License-Identifier: Apache-2.0

#ifndef RELAY_CCHECKSUM_H
#define RELAY_CCHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// Whether this processor has an instruction for CRC-32C.
int relay_crc32c_is_available(void);

/// CRC-32C of some bytes by that instruction. Only where it is available.
uint32_t relay_crc32c(const void *bytes, size_t count);

#endif
