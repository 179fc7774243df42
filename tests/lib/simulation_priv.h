/*
 * What simulation.c (logs, steps, what must come of it) and
 * simulation_faults.c (lies, outages, noise) share.
 */
#pragma once
#include "tests/lib/simulation.h"

#define STEP_MS    INT64_C(600000) /* as often as logs are polled */
#define HOUR_MS    INT64_C(3600000)
#define DAY_S      INT64_C(86400)
#define STEPS_HOUR 6
#define STEPS_DAY  (24 * STEPS_HOUR)

struct sim_fault;
struct sim_noise;

struct sim_log {
	struct scenario_log *log;
	bool is_static;
	unsigned first, last; /* steps: a list names it from first on, until last */
	unsigned away, moves; /* steps: left out by the list for a day; another URL */
	unsigned backfill;    /* step: what was there before the tip is read */

	const struct sim_fault *fault; /* or NULL */
	unsigned fault_first, fault_last;
	bool fault_on, faulted;
	bool holds;  /* does not grow while the fault lasts */
	bool frozen; /* signs nothing */

	const struct sim_noise *noise; /* one that is to be ended */
	unsigned noise_last;
};

struct simulation {
	struct scenario s;
	uint64_t seed, random;
	unsigned step, steps;
	uint64_t grow_every; /* steps */
	struct sim_log logs[SCENARIO_LOGS_MAX];
	unsigned log_count;
	unsigned restart_at, full_at; /* steps */

	struct buf root, der, tbs; /* the template of all certificates */
	const struct make_key *root_key;
	uint64_t certificates, entries; /* made so far */
	int64_t watched;                /* certificates of a watched name */
	int64_t odd_parsed; /* odd entries that are a certificate all the same */

	char *expected[2 * SCENARIO_LOGS_MAX]; /* "LOG KIND ended", owned */
	size_t expected_count;
};

/* simulation.c */
uint64_t simulation_chance(struct simulation *, uint64_t below);
void simulation_command(struct sim_log *, const char *format, ...) PRINTF_LIKE(2, 3);
bool simulation_is_full(const struct simulation *);
void simulation_grow(struct simulation *, struct sim_log *, uint64_t count);

/* simulation_faults.c */
void simulation_plan_fault(struct simulation *, struct sim_log *, unsigned number);
void simulation_fault_step(struct simulation *, struct sim_log *);
void simulation_noise_step(struct simulation *, struct sim_log *, bool quiet);
