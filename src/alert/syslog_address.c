#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "alert/sink.h"

static const struct {
	const char *scheme;
	enum syslog_transport transport;
	const char *port;
} SCHEMES[] = {
    {"udp://", SYSLOG_UDP, "514"},  /* RFC 5426, 3.3 */
    {"tcp://", SYSLOG_TCP, "514"},  /* RFC 6587, by custom */
    {"tls://", SYSLOG_TLS, "6514"}, /* RFC 5425, 4.1 */
};

static bool
is_port(const char *text)
{
	unsigned value = 0;

	for (const char *at = text; *at != '\0'; at++) {
		if (*at < '0' || *at > '9' || at - text > 4)
			return false;
		value = value * 10 + (unsigned)(*at - '0');
	}
	return value >= 1 && value <= 65535;
}

static bool
parse_unix(const char *path, struct syslog_address *out, struct err *err)
{
	size_t len;

	if (strncmp(path, "//", 2) == 0)
		path += 2;
	len = strlen(path);
	if (path[0] != '/' || len >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return err_set(err, ERR_CONFIG,
		    "syslog: unix: wants an absolute path of a socket, as in "
		    "unix:/dev/log");
	out->transport = SYSLOG_UNIX;
	memcpy(out->host, path, len + 1);
	return true;
}

/* host, host:port, [v6] or [v6]:port; the port stands in out already. */
static bool
parse_host(const char *text, struct syslog_address *out)
{
	const char *end, *behind;
	size_t len;

	if (text[0] == '[') {
		text++;
		if ((end = strchr(text, ']')) == NULL)
			return false;
		behind = end + 1;
	} else {
		end = behind = text + strcspn(text, ":");
	}
	len = (size_t)(end - text);
	if (len == 0 || len >= sizeof(out->host) || strcspn(text, "/@?# %") < len)
		return false;
	memcpy(out->host, text, len);
	out->host[len] = '\0';
	if (*behind == '\0')
		return true;
	if (*behind != ':' || !is_port(behind + 1))
		return false;
	memcpy(out->port, behind + 1, strlen(behind + 1) + 1);
	return true;
}

bool
syslog_address_parse(const char *url, struct syslog_address *out, struct err *err)
{
	*out = (struct syslog_address){0};
	if (strncmp(url, "unix:", 5) == 0)
		return parse_unix(url + 5, out, err);
	for (size_t i = 0; i < ARRAY_LEN(SCHEMES); i++) {
		size_t len = strlen(SCHEMES[i].scheme);

		if (strncmp(url, SCHEMES[i].scheme, len) != 0)
			continue;
		out->transport = SCHEMES[i].transport;
		memcpy(out->port, SCHEMES[i].port, strlen(SCHEMES[i].port) + 1);
		if (parse_host(url + len, out))
			return true;
	}
	return err_set(err, ERR_CONFIG,
	    "syslog: \"%.100s\" is no address; write unix:/dev/log, udp://HOST:PORT, "
	    "tcp://HOST:PORT or tls://HOST:PORT",
	    url);
}
