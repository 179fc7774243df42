/*
 * notified - systemd's side of sd_notify(3): prints what arrives at a socket,
 * a line each, until it is ended.
 *
 *	notified SOCKET
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/lib/options.h"

int
main(int argc, char **argv)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char text[4096];
	ssize_t len;
	int fd;

	if (argc != 2 || strlen(argv[1]) >= sizeof(at.sun_path))
		tool_die("usage: notified SOCKET");
	tool_die_with_parent();
	memcpy(at.sun_path, argv[1], strlen(argv[1]));
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd == -1 || bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		tool_die("%s: %m", argv[1]);
	while ((len = recv(fd, text, sizeof(text) - 1, 0)) >= 0) {
		text[len] = '\0';
		puts(text);
		fflush(stdout);
	}
	close(fd);
	return 0;
}
