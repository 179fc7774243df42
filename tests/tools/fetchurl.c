/*
 * fetchurl - one request by libcurl, for scripts: prints "status N", "http 1.1"
 * or "http 2", "size N" and the headers to stderr, the body to stdout.
 *
 *	fetchurl [--max-time S] [--gzip] [--http2] [--ca FILE] [--header LINE]
 *	    [--post FILE] URL
 *	fetchurl --free-port [HOW-MANY]
 *
 * Ends with 0 for a 2xx or 3xx, 1 for another status, 2 when none came whole.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"

#define MAX_PORTS 32

static size_t
on_data(char *data, size_t size, size_t count, void *owner)
{
	FILE *out = owner;

	return fwrite(data, size, count, out);
}

/* Ports that nobody listens on: all bound at once, so that they differ. */
static int
print_free_ports(int count)
{
	int fds[MAX_PORTS];

	for (int i = 0; i < count && i < MAX_PORTS; i++) {
		struct sockaddr_in at = {
		    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		socklen_t len = sizeof(at);

		fds[i] = socket(AF_INET, SOCK_STREAM, 0);
		if (bind(fds[i], (void *)&at, len) != 0 ||
		    getsockname(fds[i], (void *)&at, &len) != 0)
			return 2;
		printf("%u\n", ntohs(at.sin_port));
	}
	for (int i = 0; i < count && i < MAX_PORTS; i++)
		close(fds[i]);
	return 0;
}

static void
read_file(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "rb");
	char piece[65536];
	size_t got;

	if (file == NULL) {
		fprintf(stderr, "cannot open %s\n", path);
		exit(2);
	}
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		buf_append(out, piece, got);
	fclose(file);
}

struct request {
	CURL *curl;
	struct curl_slist *headers;
	struct buf post;
};

/* One option; returns how many arguments it took. */
static int
set_option(struct request *it, const char *name, const char *value)
{
	if (strcmp(name, "--gzip") == 0) {
		curl_easy_setopt(it->curl, CURLOPT_ACCEPT_ENCODING, "gzip");
		return 1;
	}
	if (strcmp(name, "--http2") == 0) {
		curl_easy_setopt(
		    it->curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
		return 1;
	}
	if (value == NULL)
		return 1;
	if (strcmp(name, "--max-time") == 0)
		curl_easy_setopt(
		    it->curl, CURLOPT_TIMEOUT_MS, (long)(strtod(value, NULL) * 1000));
	else if (strcmp(name, "--ca") == 0)
		curl_easy_setopt(it->curl, CURLOPT_CAINFO, value);
	else if (strcmp(name, "--header") == 0)
		it->headers = curl_slist_append(it->headers, value);
	else if (strcmp(name, "--post") == 0)
		read_file(value, &it->post);
	return 2;
}

static int
perform(struct request *it, const char *url)
{
	char reason[CURL_ERROR_SIZE] = "";
	long status = 0, version = 0;
	curl_off_t size = 0;
	CURLcode code;

	curl_easy_setopt(it->curl, CURLOPT_URL, url);
	curl_easy_setopt(it->curl, CURLOPT_ERRORBUFFER, reason);
	curl_easy_setopt(it->curl, CURLOPT_HTTPHEADER, it->headers);
	curl_easy_setopt(it->curl, CURLOPT_PROXY, "");
	curl_easy_setopt(it->curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(it->curl, CURLOPT_WRITEDATA, stdout);
	curl_easy_setopt(it->curl, CURLOPT_HEADERDATA, stderr);
	if (it->post.len > 0) {
		curl_easy_setopt(it->curl, CURLOPT_POSTFIELDS, it->post.data);
		curl_easy_setopt(it->curl, CURLOPT_POSTFIELDSIZE, (long)it->post.len);
	}
	code = curl_easy_perform(it->curl);
	curl_easy_getinfo(it->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(it->curl, CURLINFO_HTTP_VERSION, &version);
	curl_easy_getinfo(it->curl, CURLINFO_SIZE_DOWNLOAD_T, &size);
	fprintf(stderr, "status %ld\nhttp %s\nsize %lld\n", status,
	    version == CURL_HTTP_VERSION_2_0 ? "2" : "1.1", (long long)size);
	if (code != CURLE_OK)
		fprintf(stderr, "failed: %s (%s)\n", curl_easy_strerror(code), reason);
	return code != CURLE_OK ? 2 : status >= 200 && status < 400 ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct request request = {0};
	int at = 1, status;

	if (argc >= 2 && strcmp(argv[1], "--free-port") == 0)
		return print_free_ports(argc > 2 ? (int)strtol(argv[2], NULL, 10) : 1);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	request.curl = curl_easy_init();
	buf_init(&request.post, 64 << 20);
	while (at < argc - 1)
		at += set_option(
		    &request, argv[at], at + 1 < argc - 1 ? argv[at + 1] : NULL);
	if (at != argc - 1) {
		fprintf(stderr, "usage: fetchurl [options] URL\n");
		return 2;
	}
	status = perform(&request, argv[at]);
	curl_slist_free_all(request.headers);
	curl_easy_cleanup(request.curl);
	curl_global_cleanup();
	buf_free(&request.post);
	return status;
}
