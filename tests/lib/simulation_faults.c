/* What befalls the logs of a simulation: faults that must be told, each once, and
 * noise that must not. */
#include <inttypes.h>

#include "tests/lib/simulation_priv.h"

/* --- faults --------------------------------------------------------------------- */

/* Begun and ended by commands; %llu is an index: of the next entry, or of one in
 * the middle. */
struct sim_fault {
	const char *begin, *end;
	unsigned least_hours, most_hours;
	const char *kinds[2]; /* what is told of it, each once */
	unsigned how;
};

enum {
	MOMENT = 1,     /* it is told as one: there is no end */
	HOLDS = 2,      /* the log must not grow meanwhile */
	FREEZES = 4,    /* nor sign */
	NEXT_ENTRY = 8, /* the index is that of the next entry */
	GROWS = 16,     /* entries must come for it to be seen */
	RESTARTS = 32,  /* only a new start of the daemon tries again */
	ADDS = 64,      /* the command adds an entry itself */
	STATIC = 128,   /* others have nothing like it */
};

static const struct sim_fault FAULTS[] = {
    {"fail 503", "fail off", 2, 20, {"log-unreachable"}, 0},
    {"reset", "reset off", 2, 20, {"log-unreachable"}, 0},
    {"hang", "hang off", 3, 20, {"log-unreachable"}, 0},
    {"html-200", "html-200 off", 2, 8, {"log-unreachable"}, 0},
    {"fail 500 on @", "fail off", 4, 20, {"entries-unavailable", "log-behind"}, GROWS},
    {"empty-200 on @", "empty-200 off", 4, 8, {"entries-unavailable", "log-behind"},
	GROWS},
    {"bad-signature", "bad-signature off", 2, 20, {"head-bad-signature"}, 0},
    {"wrong-key", "wrong-key off", 2, 20, {"head-bad-signature"}, 0},
    {"fork %llu alternate", "fork off", 2, 20, {"head-split-view"}, HOLDS},
    {"freeze", "freeze off", 30, 60, {"head-stale"}, HOLDS | FREEZES},
    {"head-time 172800000", "head-time off", 3, 20, {"head-in-future", "head-time-back"},
	HOLDS},
    {"corrupt-entry %llu", "corrupt-entry off", 2, 20, {"entries-mismatch"},
	NEXT_ENTRY | GROWS | RESTARTS},
    {"wrong-origin", "wrong-origin off", 2, 20, {"head-other-origin"}, STATIC},
    {"leaf-index 1", "leaf-index off", 2, 8, {"entry-wrong-index"},
	STATIC | MOMENT | HOLDS | GROWS},
    {"odd garbage", NULL, 1, 2, {"entry-unparsed"}, MOMENT | ADDS},
};

void
simulation_plan_fault(struct simulation *sim, struct sim_log *it, unsigned number)
{
	const struct sim_fault *fault = &FAULTS[number % ARRAY_LEN(FAULTS)];
	unsigned hours;

	if (fault->how & STATIC && !it->is_static)
		fault = &FAULTS[0];
	hours = fault->least_hours +
	    (unsigned)simulation_chance(sim, fault->most_hours - fault->least_hours + 1);

	it->fault = fault;
	/* Between the second day and a week before the end, past any move. */
	it->fault_first =
	    sim->steps / 3 + STEPS_DAY + (unsigned)simulation_chance(sim, sim->steps / 3);
	it->fault_last = it->fault_first + hours * STEPS_HOUR;
}

static void
expect(struct simulation *sim, const struct sim_log *it, const char *kind)
{
	ck_assert_uint_lt(sim->expected_count, ARRAY_LEN(sim->expected));
	sim->expected[sim->expected_count++] = mem_format("%s %s %s", it->log->name, kind,
	    it->fault->how & MOMENT ? "moment" : "ended");
}

/* A command with its index, or with the pattern of entries for "@". */
static void
say(struct sim_log *it, const char *command, unsigned long long index)
{
	const char *at = strchr(command, '@'), *number = strstr(command, "%llu");

	if (at != NULL)
		simulation_command(it, "%.*s%s", (int)(at - command), command,
		    it->is_static ? "tile/data/*" : "ct/v1/get-entries*");
	else if (number != NULL)
		simulation_command(it, "%.*s%llu%s", (int)(number - command), command,
		    index, number + 4);
	else
		simulation_command(it, "%s", command);
}

static void
fault_begin(struct simulation *sim, struct sim_log *it)
{
	const struct sim_fault *fault = it->fault;
	uint64_t size = testlog_entry_count(it->log->log);

	if (size < 8)
		simulation_grow(sim, it, 8);
	size = testlog_entry_count(it->log->log);
	it->fault_on = it->faulted = true;
	it->holds = fault->how & HOLDS;
	it->frozen = fault->how & FREEZES;
	say(it, fault->begin, fault->how & NEXT_ENTRY ? size : size / 2);
	sim->entries += (fault->how & ADDS) != 0;
	if (fault->how & ADDS)
		testlog_publish_all(it->log->log);
	if (fault->how & GROWS)
		simulation_grow(sim, it, 3);
	for (size_t i = 0; i < ARRAY_LEN(fault->kinds) && fault->kinds[i] != NULL; i++)
		expect(sim, it, fault->kinds[i]);
}

static void
fault_end(struct simulation *sim, struct sim_log *it)
{
	it->fault_on = it->holds = it->frozen = false;
	if (it->fault->end != NULL)
		say(it, it->fault->end, 0);
	simulation_grow(sim, it, 3);
	if (it->fault->how & RESTARTS)
		scenario_play(&sim->s, "restart");
}

void
simulation_fault_step(struct simulation *sim, struct sim_log *it)
{
	if (it->fault == NULL)
		return;
	if (!it->faulted && sim->step >= it->fault_first && it->noise == NULL)
		fault_begin(sim, it);
	else if (it->fault_on && sim->step >= it->fault_last &&
	    !(it->fault->how & RESTARTS && simulation_is_full(sim)))
		fault_end(sim, it);
}

/* --- noise ----------------------------------------------------------------------- */

/* Each is over before three polls in a row could fail. */
static const struct sim_noise {
	const char *begin, *end; /* end: NULL where it ends by itself */
} NOISE[] = {
    {"429 600 count 1", NULL},
    {"429 date count 1", NULL},
    {"429 90 count 3 on @", NULL},
    {"fail 503 retry-after 30 count 2", NULL},
    {"fail 502 count 1", NULL},
    {"fail 400 count 2 on @", NULL},
    {"reset count 1", NULL},
    {"hang count 1", NULL},
    {"truncate 50 count 1", NULL},
    {"html-200 count 1", NULL},
    {"empty-200 count 2 on @", NULL},
    {"flip 40 count 1", NULL},
    {"delay 20000 count 5", NULL},
    {"bad-proof count 1", NULL},
    {"stale-head 1 alternate", "stale-head off"},
    {"short 1", "short off"},
};

#define NOISE_EVERY (2 * STEPS_DAY)

void
simulation_noise_step(struct simulation *sim, struct sim_log *it, bool quiet)
{
	if (it->noise != NULL && (quiet || sim->step >= it->noise_last)) {
		if (it->noise->end != NULL)
			say(it, it->noise->end, 0);
		it->noise = NULL;
		return;
	}
	if (it->noise != NULL || quiet || simulation_chance(sim, NOISE_EVERY) != 0)
		return;
	it->noise = &NOISE[simulation_chance(sim, ARRAY_LEN(NOISE))];
	it->noise_last = sim->step + STEPS_HOUR +
	    (unsigned)simulation_chance(sim, 8 * (uint64_t)STEPS_HOUR);
	say(it, it->noise->begin, 0);
}
