#include "fetch/retry.h"

#include <curl/curl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

const char *
transport_name(enum transport transport)
{
	static const char *const NAMES[] = {
	    [TRANSPORT_OK] = "fine",
	    [TRANSPORT_UNREACHED] = "cannot be reached",
	    [TRANSPORT_BAD_TLS] = "its TLS certificate does not verify",
	    [TRANSPORT_BROKEN] = "the transfer broke off",
	    [TRANSPORT_STALLED] = "the transfer stalled",
	    [TRANSPORT_SLOW] = "the transfer took too long",
	    [TRANSPORT_TOO_LONG] = "the body is too long",
	    [TRANSPORT_REFUSED] = "not a public address",
	};

	return NAMES[transport];
}

/* 500 and its like often hang on what was asked, and a host serves many logs:
 * only what speaks for the whole host makes the whole host rest. */
static enum trouble
status_trouble(int status, int64_t retry_after_ms)
{
	if (status == 429 || (status == 503 && retry_after_ms >= 0))
		return TROUBLE_HOST;
	if (status == 501)
		return TROUBLE_NONE;
	return status >= 500 || retry_after_ms >= 0 ? TROUBLE_LANE : TROUBLE_NONE;
}

enum trouble
retry_trouble(enum transport transport, int status, int64_t retry_after_ms)
{
	switch (transport) {
	case TRANSPORT_UNREACHED:
	case TRANSPORT_BAD_TLS:
		return TROUBLE_HOST;
	case TRANSPORT_BROKEN:
	case TRANSPORT_STALLED:
	case TRANSPORT_SLOW:
		return TROUBLE_LANE;
	case TRANSPORT_TOO_LONG:
	case TRANSPORT_REFUSED:
		return TROUBLE_NONE;
	case TRANSPORT_OK:
		break;
	}
	return status_trouble(status, retry_after_ms);
}

bool
retry_again(
    enum transport transport, int status, bool idempotent, unsigned tries, unsigned max)
{
	if (!idempotent || tries >= max)
		return false;
	return transport == TRANSPORT_UNREACHED || transport == TRANSPORT_BROKEN ||
	    transport == TRANSPORT_STALLED ||
	    (transport == TRANSPORT_OK && status == 408);
}

/* Beyond the year 9999 it is no date but noise. */
#define DATE_MAX_S INT64_C(253402300799)

/* "+03", "-0330", "+01:00": what Go prints for a zone that has no name. */
static bool
zone_parse(const char *text, int64_t *offset_s)
{
	int64_t digits = 0;
	unsigned count = 0;

	if (*text != '+' && *text != '-')
		return false;
	for (const char *at = text + 1; *at != '\0'; at++) {
		if (*at == ':' && count == 2)
			continue;
		if (*at < '0' || *at > '9' || ++count > 4)
			return false;
		digits = digits * 10 + (*at - '0');
	}
	if (count != 2 && count != 4)
		return false;
	if (count == 2)
		digits *= 100;
	*offset_s = (digits / 100 * 60 + digits % 100) * (*text == '-' ? -60 : 60);
	return true;
}

int64_t
retry_date_parse(const char *text)
{
	char without[128];
	const char *zone = strrchr(text, ' ');
	int64_t offset_s = 0;
	time_t known;

	if (zone != NULL && zone_parse(zone + 1, &offset_s) &&
	    (size_t)(zone - text) < sizeof(without) - 8) {
		snprintf(without, sizeof(without), "%.*s GMT", (int)(zone - text), text);
		text = without;
	}
	known = curl_getdate(text, NULL);
	if (known < 0 || known < offset_s || known > DATE_MAX_S)
		return -1;
	return ((int64_t)known - offset_s) * 1000;
}

static bool
seconds_parse(const char *text, int64_t *ms)
{
	int64_t seconds = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits == 0)
		return false;
	for (size_t i = 0; i < digits && seconds <= RETRY_AFTER_MAX_MS; i++)
		seconds = seconds * 10 + (text[i] - '0');
	text += digits;
	if (*text == '.')
		text += 1 + strspn(text + 1, "0123456789");
	*ms = seconds * 1000;
	return text[strspn(text, " \t")] == '\0';
}

int64_t
retry_after_parse(const char *text, int64_t now_ms)
{
	int64_t ms, date_ms;

	text += strspn(text, " \t");
	if (!seconds_parse(text, &ms)) {
		date_ms = retry_date_parse(text);
		if (date_ms <= now_ms)
			return -1;
		ms = date_ms - now_ms;
	}
	if (ms > RETRY_AFTER_MAX_MS)
		return RETRY_AFTER_MAX_MS;
	return ms < RETRY_AFTER_MIN_MS ? RETRY_AFTER_MIN_MS : ms;
}

int64_t
retry_backoff_ms(unsigned failures, int64_t max_ms, uint64_t *random)
{
	int64_t ms = 1000;

	for (unsigned i = 1; i < failures && ms < max_ms; i++)
		ms *= 2;
	if (ms > max_ms)
		ms = max_ms;
	return ms + (int64_t)(retry_random(random) % (uint64_t)(ms / 4 + 1));
}

uint64_t
retry_random(uint64_t *state)
{
	uint64_t x = *state;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*state = x;
	return x * UINT64_C(0x2545f4914f6cdd1d);
}
