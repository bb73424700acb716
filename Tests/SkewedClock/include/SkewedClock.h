// SPDX-License-Identifier: Apache-2.0

#pragma once

/// By how many seconds this process's time of day is off.
long skewed_clock_seconds(void);
