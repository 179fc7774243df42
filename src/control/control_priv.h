/* What server and client share. */
#pragma once
#include <sys/un.h>

#include "control/control.h"

/* A stream socket with SOCK_ flags, and path as its address; -1 with err set. */
int control_socket(
    const char *path, int flags, struct sockaddr_un *address, struct err *err);
