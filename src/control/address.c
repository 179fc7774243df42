#include <errno.h>
#include <sys/socket.h>

#include "control/control_priv.h"

int
control_socket(const char *path, int flags, struct sockaddr_un *address, struct err *err)
{
	size_t len = strlen(path);
	int fd;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (len >= sizeof(address->sun_path)) {
		err_set(err, ERR_CONFIG,
		    "control: %.60s...: longer than the %zu bytes that a "
		    "socket's path may have",
		    path, sizeof(address->sun_path) - 1);
		return -1;
	}
	memcpy(address->sun_path, path, len);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
	if (fd < 0)
		err_set(err, ERR_SYSTEM, "control: %s", strerror(errno));
	return fd;
}
