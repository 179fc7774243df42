#include <inttypes.h>
#include <unistd.h>

#include "alert/link.h"
#include "base/clock.h"
#include "base/mem.h"

/*
 * RFC 5424 messages over a local socket, UDP (RFC 5426), TCP with octet
 * counting (RFC 6587, 3.4.1) and TLS (RFC 5425). Nobody acknowledges syslog:
 * over a stream a message counts as delivered once the peer's kernel has it,
 * over UDP when no "port unreachable" came back for a moment. What was on the
 * way when a connection broke is sent again, with the same id.
 */

#define DATAGRAM_MAX     2048
#define STREAM_MAX       8192
#define TIMEOUT_MS       30000
#define QUEUE_MAX        64  /* with the direct ones that nobody counts */
#define UDP_GRACE_MS     50  /* a refusal's way back */
#define STREAM_GRACE_MS  300 /* who accepts only to close does it by then */
#define CONFIRM_FIRST_MS 10  /* doubling */
#define CONFIRM_MOST_MS  1000
#define STALE_MS         INT64_C(600000) /* an idle datagram socket asks DNS again */

struct queued {
	struct queued *next;
	uint8_t *frame;  /* owned */
	size_t len, put; /* put: bytes the link took */
	sink_sent_fn *sent;
	void *owner;
};

struct syslog {
	struct syslog_origin origin;
	char *hostname;
	struct syslog_address address;
	int64_t timeout_ms;
	struct clock *clock;
	struct link *link;
	struct queued *first, **last; /* front: taken by the link, not confirmed */
	size_t taken, waiting;        /* how many of either */
	struct clock_timer *turn, *confirm, *stall;
	int64_t confirm_ms;  /* the next pause between two looks */
	int64_t up_ms;       /* since when the link is up */
	int64_t used_ms;     /* when it last sent */
	int64_t progress_ms; /* when it last took a byte or began to wait for one */
	bool up;
};

static bool
is_stream(const struct syslog *syslog)
{
	return syslog->address.transport == SYSLOG_TCP ||
	    syslog->address.transport == SYSLOG_TLS;
}

static void
cancel(struct syslog *syslog, struct clock_timer **timer)
{
	clock_cancel(syslog->clock, *timer);
	*timer = NULL;
}

/* Ends the front message. */
static void
finish_first(struct syslog *syslog, enum sink_outcome outcome, const char *why)
{
	struct queued *message = syslog->first;
	struct sink_sent sent = {.outcome = outcome, .retry_after_ms = -1, .why = why};

	syslog->first = message->next;
	if (syslog->first == NULL)
		syslog->last = &syslog->first;
	if (syslog->taken > 0)
		syslog->taken--;
	else
		syslog->waiting--;
	if (message->sent != NULL)
		message->sent(message->owner, &sent);
	mem_free(message->frame);
	mem_free(message);
}

static void
go_down(struct syslog *syslog)
{
	link_stop(syslog->link);
	cancel(syslog, &syslog->turn);
	cancel(syslog, &syslog->confirm);
	cancel(syslog, &syslog->stall);
	syslog->up = false;
}

static void
on_broken(void *owner, const struct err *err)
{
	struct syslog *syslog = owner;

	go_down(syslog);
	/* Only those that are there now: a caller may queue others meanwhile. */
	for (size_t n = syslog->taken + syslog->waiting; n > 0; n--)
		finish_first(syslog, SINK_TROUBLE, err->text);
}

static void
on_stall(void *owner)
{
	struct syslog *syslog = owner;
	int64_t left = 0;
	struct err err = {0};

	syslog->stall = NULL;
	if (syslog->first == NULL)
		return;
	left = syslog->progress_ms + syslog->timeout_ms - clock_mono_ms(syslog->clock);
	if (left > 0) {
		syslog->stall = clock_after(syslog->clock, left, on_stall, syslog);
		return;
	}
	err_set(&err, ERR_REMOTE, "%.150s took nothing for %" PRId64 " s",
	    syslog->address.host, syslog->timeout_ms / 1000);
	on_broken(syslog, &err);
}

static void on_confirm(void *owner);

static void
look_again(struct syslog *syslog, int64_t delay_ms)
{
	if (syslog->confirm == NULL)
		syslog->confirm =
		    clock_after(syslog->clock, delay_ms, on_confirm, syslog);
}

static void
on_confirm(void *owner)
{
	struct syslog *syslog = owner;
	int64_t young = STREAM_GRACE_MS - (clock_mono_ms(syslog->clock) - syslog->up_ms);
	struct err err = {0};

	syslog->confirm = NULL;
	if (is_stream(syslog) && young > 0) {
		look_again(syslog, young);
		return;
	}
	switch (link_confirm(syslog->link, &err)) {
	case LINK_TOOK:
		syslog->progress_ms = clock_mono_ms(syslog->clock);
		for (size_t n = syslog->taken; n > 0; n--)
			finish_first(syslog, SINK_DELIVERED, "");
		break;
	case LINK_WAIT:
		syslog->confirm_ms = syslog->confirm_ms * 2 < CONFIRM_MOST_MS
		    ? syslog->confirm_ms * 2
		    : CONFIRM_MOST_MS;
		look_again(syslog, syslog->confirm_ms);
		break;
	case LINK_REFUSED:
	case LINK_BROKEN:
		on_broken(syslog, &err);
		break;
	}
}

/* The first one that the link has not taken whole. */
static struct queued *
next_waiting(struct syslog *syslog)
{
	struct queued *message = syslog->first;

	for (size_t i = 0; i < syslog->taken && message != NULL; i++)
		message = message->next;
	return message;
}

static void
count_taken(struct syslog *syslog)
{
	syslog->taken++;
	syslog->waiting--;
	syslog->used_ms = clock_mono_ms(syslog->clock);
	syslog->confirm_ms = CONFIRM_FIRST_MS;
	look_again(syslog, syslog->address.transport == SYSLOG_UDP ? UDP_GRACE_MS : 0);
}

/* Takes a message out of the middle: it is too long for this socket. */
static void
refuse(struct syslog *syslog, struct queued *message)
{
	struct sink_sent sent = {
	    SINK_REFUSED, -1, "the message is too long for the socket"};
	struct queued **link = &syslog->first;

	while (*link != message)
		link = &(*link)->next;
	*link = message->next;
	if (syslog->last == &message->next)
		syslog->last = link;
	syslog->waiting--;
	if (message->sent != NULL)
		message->sent(message->owner, &sent);
	mem_free(message->frame);
	mem_free(message);
}

static void
on_ready(void *owner)
{
	struct syslog *syslog = owner;
	struct queued *message;
	struct err err = {0};
	size_t taken;

	if (!syslog->up)
		syslog->up_ms = clock_mono_ms(syslog->clock);
	syslog->up = true;
	while ((message = next_waiting(syslog)) != NULL) {
		struct bytes rest =
		    bytes_of(message->frame + message->put, message->len - message->put);

		switch (link_send(syslog->link, rest, &taken, &err)) {
		case LINK_TOOK:
			message->put += taken;
			syslog->progress_ms = clock_mono_ms(syslog->clock);
			if (message->put == message->len)
				count_taken(syslog);
			break;
		case LINK_WAIT:
			return;
		case LINK_REFUSED:
			refuse(syslog, message);
			break;
		case LINK_BROKEN:
			on_broken(syslog, &err);
			return;
		}
	}
}

static void
on_turn(void *owner)
{
	struct syslog *syslog = owner;

	syslog->turn = NULL;
	if (syslog->up)
		on_ready(syslog);
	else
		link_start(syslog->link);
}

/* --- the sink ----------------------------------------------------------------- */

static void
syslog_close(void *sink)
{
	struct syslog *syslog = sink;
	struct queued *message, *next;

	if (syslog->link != NULL)
		go_down(syslog);
	link_free(syslog->link);
	for (message = syslog->first; message != NULL; message = next) {
		next = message->next;
		mem_free(message->frame);
		mem_free(message);
	}
	mem_free(syslog->hostname);
	mem_free(syslog);
}

static char *
own_hostname(void)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) != 0)
		name[0] = '\0';
	return mem_text(name);
}

static bool
take_options(
    struct syslog *syslog, const struct alert_sink_options *options, struct err *err)
{
	bool stream;

	if (!syslog_address_parse(options->url, &syslog->address, err))
		return false;
	stream = is_stream(syslog) || syslog->address.transport == SYSLOG_UNIX;
	if (options->facility < 0 || options->facility > 23)
		return err_set(err, ERR_CONFIG, "syslog: facility goes from 0 to 23");
	if (options->max_message != 0 &&
	    (options->max_message < SYSLOG_MESSAGE_LEAST || options->max_message > 65536))
		return err_set(err, ERR_CONFIG,
		    "syslog: max_message goes from %d to 65536 bytes",
		    SYSLOG_MESSAGE_LEAST);
	syslog->hostname =
	    options->hostname != NULL ? mem_text(options->hostname) : own_hostname();
	syslog->origin = (struct syslog_origin){
	    .facility = options->facility,
	    .hostname = syslog->hostname,
	    .process_id = (long)getpid(),
	    .max_message = options->max_message != 0 ? options->max_message
		: stream                             ? STREAM_MAX
						     : DATAGRAM_MAX,
	};
	syslog->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : TIMEOUT_MS;
	return true;
}

static void *
syslog_open(const struct alert_sink_options *options, const struct sink_world *world,
    struct err *err)
{
	struct syslog *syslog = mem_zero(1, sizeof(*syslog));
	struct link_options link = {
	    .ca_file = options->ca_file,
	    .on_ready = on_ready,
	    .on_broken = on_broken,
	    .owner = syslog,
	};

	syslog->last = &syslog->first;
	if (!take_options(syslog, options, err))
		goto failed;
	link.address = syslog->address;
	if (world != NULL) {
		syslog->clock = world->clock;
		link.loop = world->loop;
		link.clock = world->clock;
	}
	if ((syslog->link = link_new(&link, err)) == NULL)
		goto failed;
	return syslog;
failed:
	syslog_close(syslog);
	return NULL;
}

/* RFC 6587, 3.4.1 and RFC 5425, 4.3: the length stands before the message. */
static uint8_t *
frame_of(const struct syslog *syslog, const struct buf *text, size_t *len)
{
	struct buf frame;

	buf_init(&frame, text->len + 24);
	if (is_stream(syslog))
		buf_append_format(&frame, "%zu ", text->len);
	buf_append_bytes(&frame, buf_bytes(text));
	return buf_take(&frame, len);
}

static void
enqueue(struct syslog *syslog, const struct sink_message *message, const struct buf *text)
{
	struct queued *queued = mem_zero(1, sizeof(*queued));

	queued->sent = message->sent;
	queued->owner = message->owner;
	if (syslog->first == NULL)
		syslog->progress_ms = clock_mono_ms(syslog->clock);
	queued->frame = frame_of(syslog, text, &queued->len);
	*syslog->last = queued;
	syslog->last = &queued->next;
	syslog->waiting++;
}

static bool
syslog_send(void *sink, const struct sink_message *message, struct err *err)
{
	struct syslog *syslog = sink;
	int64_t idle_ms = clock_mono_ms(syslog->clock) - syslog->used_ms;
	struct buf text;
	bool ok;

	if (syslog->taken + syslog->waiting >= QUEUE_MAX)
		return err_set(err, ERR_LIMIT, "syslog: too many wait already");
	buf_init(&text, syslog->origin.max_message + 16);
	ok = syslog_format(&syslog->origin, message->payload, &text, err);
	if (ok) {
		if (syslog->first == NULL && syslog->up && !is_stream(syslog) &&
		    idle_ms > STALE_MS)
			go_down(syslog);
		enqueue(syslog, message, &text);
		if (syslog->turn == NULL)
			syslog->turn = clock_after(syslog->clock, 0, on_turn, syslog);
		if (syslog->stall == NULL)
			syslog->stall = clock_after(
			    syslog->clock, syslog->timeout_ms, on_stall, syslog);
	}
	buf_free(&text);
	return ok;
}

const struct sink_kind SINK_SYSLOG = {
    .name = "syslog",
    .in_flight = 32,
    .direct = true,
    .open = syslog_open,
    .close = syslog_close,
    .send = syslog_send,
};
