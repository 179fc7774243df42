/*
 * notify - tells systemd how the service is, sd_notify(3)'s protocol: one
 * datagram to $NOTIFY_SOCKET. Does nothing where nobody listens.
 */
#pragma once
#include "base/err.h"

void notify_format(const char *format, ...) PRINTF_LIKE(1, 2); /* "READY=1" */

/* How often WATCHDOG=1 must come, from $WATCHDOG_USEC; 0: not at all. */
long long notify_watchdog_ms(void);
