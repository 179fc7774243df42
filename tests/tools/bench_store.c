/*
 * bench_store [ROWS [CACHE_MB [FOLDER]]] - what storing costs by itself.
 *
 * Stores ROWS certificates as a catch-up with store = "all" does: looked up
 * first, then a certificate, a form of 500 to 1,300 bytes, a sighting, two
 * names and their keys, in groups of 20,000, with the upkeep each group asks
 * for. Prints rows a second in windows and at the end where the time went; the
 * last line is JSON.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/certificate.h"
#include "store/log.h"
#include "store/range.h"

#define GROUP   20000
#define BATCH   256
#define ISSUERS 60
#define POOL    (1 << 20)
#define WINDOWS 10

enum phase {
	FIND,
	MEMBERS,
	CERTIFICATE,
	FORM,
	SIGHTING,
	NAMES,
	RANGE,
	COMMIT,
	UPKEEP,
	PHASES,
};
static const char *const PHASE_NAMES[PHASES] = {"looking it up", "serial's members",
    "certificate", "form", "sighting", "names", "range", "commit", "upkeep"};

static double spent[PHASES];
static uint8_t pool[POOL];
static uint64_t der_bytes, state = 42;

static uint64_t
next_random(void)
{
	uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static double
seconds(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
must(bool ok, const struct err *err)
{
	if (ok)
		return;
	fprintf(stderr, "bench_store: %s\n", err->text);
	exit(EXIT_FAILURE);
}

/* Adds what has passed since *began to a phase, and begins the next. */
static void
lap(double *began, enum phase phase)
{
	double now = seconds(CLOCK_MONOTONIC);

	spent[phase] += now - *began;
	*began = now;
}

struct made {
	uint8_t serial[16], tbs[32], sha256[32];
	char names[2][80];
	struct bytes der;
	uint32_t issuer;
};

static void
make(struct made *made)
{
	static const char *const ENDS[] = {"com", "net", "org", "de", "uk.co", "io"};
	uint64_t r = next_random();
	char label[16];

	for (size_t i = 0; i < sizeof(made->serial); i += 8)
		put_be64(made->serial + i, next_random());
	for (size_t i = 0; i < sizeof(made->tbs); i += 8) {
		put_be64(made->tbs + i, next_random());
		put_be64(made->sha256 + i, next_random());
	}
	made->issuer = 1 + (uint32_t)(r % ISSUERS) * (uint32_t)(r >> 8 & 3) / 3;
	made->der =
	    bytes_of(pool + next_random() % (POOL - 2048), 500 + next_random() % 801);
	der_bytes += made->der.len;
	r = next_random();
	for (size_t i = 0; i < 6 + r % 9; i++)
		label[i] = (char)('a' + next_random() % 26);
	snprintf(made->names[0], 64, "%s.%.*s", ENDS[r % 6], (int)(6 + r % 9), label);
	snprintf(made->names[1], sizeof(made->names[1]), "%.60s.www", made->names[0]);
}

static void
put(struct store *store, const struct made *made, uint64_t index, struct arena *arena,
    double *began)
{
	struct certificate_key key = {.issuer = made->issuer,
	    .serial = bytes_of(made->serial, sizeof(made->serial)),
	    .tbs_sha256 = bytes_of(made->tbs, sizeof(made->tbs))};
	struct certificate_row row, old;
	struct bytes names[] = {bytes_text(made->names[0]), bytes_text(made->names[1])};
	struct err err;
	bool found, inserted;

	must(store_certificate_find(store, &key, arena, &old, &found, &err), &err);
	lap(began, FIND);
	row = (struct certificate_row){.issuer = made->issuer,
	    .serial = key.serial,
	    .tbs_sha256 = key.tbs_sha256,
	    .not_before_s = 1750000000 + (int64_t)(index / 50),
	    .not_after_s = 1757776000 + (int64_t)(index / 50),
	    .lo_ms = 1750000000000 + (int64_t)index * 20,
	    .hi_ms = 1750000001000 + (int64_t)index * 20,
	    .first_log = 1,
	    .first_index = index,
	    .first_seen_ms = 1760000000000 + (int64_t)index / 50};
	must(store_certificate_put(store, &row, &err), &err);
	lap(began, CERTIFICATE);
	struct form_row form = {.certificate = row.number,
	    .sha256 = bytes_of(made->sha256, sizeof(made->sha256)),
	    .der = made->der,
	    .chain = bytes_of(pool + made->issuer * 64, 64)};
	must(store_form_put(store, &form, &inserted, &err), &err);
	lap(began, FORM);
	struct sighting_row sighting = {.log = 1,
	    .index = index,
	    .form = form.number,
	    .certificate = row.number,
	    .timestamp_ms = row.hi_ms,
	    .entry_type = 1};
	must(store_sighting_put(store, &sighting, &err), &err);
	lap(began, SIGHTING);
	must(store_name_put(store, row.number, names, 2, &err), &err);
	lap(began, NAMES);
}

static void
upkeep(struct store *store)
{
	enum store_upkeep left;
	struct err err;

	do {
		must(store_maintain(store, &left, &err), &err);
	} while (left == STORE_URGENT);
}

static int64_t
prepare(struct store *store)
{
	struct log_row log = {.log_id = bytes_of(pool, 32), .kind = bytes_text("static")};
	struct range_row range = {.log = 1};
	struct err err;
	char dn[64];

	must(store_begin(store, &err), &err);
	must(store_log_put(store, &log, &err), &err);
	must(store_range_put(store, &range, &err), &err);
	for (int i = 0; i < ISSUERS; i++) {
		struct issuer_row issuer;

		snprintf(dn, sizeof(dn), "an issuer with number %d", i);
		issuer.dn = issuer.dn_normalised = bytes_text(dn);
		issuer.spki_sha256 = bytes_of(pool + 32 * i, 32);
		must(store_issuer_put(store, &issuer, &err), &err);
	}
	must(store_commit(store, &err), &err);
	return range.id;
}

static void
group(struct store *store, int64_t range, uint64_t first, uint64_t end)
{
	struct range_step step = {.id = range, .frontier = bytes_of(pool, 640)};
	struct arena arena;
	struct made made;
	struct err err;
	double began = seconds(CLOCK_MONOTONIC);
	bool moved;

	arena_init(&arena);
	must(store_begin(store, &err), &err);
	for (uint64_t i = first; i < end; i++) {
		make(&made);
		began = seconds(CLOCK_MONOTONIC);
		if ((i - first) % BATCH == 0) {
			step.expected = i;
			step.next = i + BATCH < end ? i + BATCH : end;
			must(store_range_advance(store, &step, &moved, &err), &err);
			lap(&began, RANGE);
		}
		arena_reset(&arena);
		put(store, &made, i, &arena, &began);
	}
	began = seconds(CLOCK_MONOTONIC);
	must(store_commit(store, &err), &err);
	lap(&began, COMMIT);
	upkeep(store);
	lap(&began, UPKEEP);
	arena_free(&arena);
}

static double
total(void)
{
	double sum = 0;

	for (int i = 0; i < PHASES; i++)
		sum += spent[i];
	return sum;
}

static void
report(struct store *store, uint64_t rows, int cache_mb, double cpu)
{
	struct rusage usage;
	struct store_size size;
	struct err err;
	double all = total(), beside;

	must(store_settle(store, &err) && store_size(store, &size, &err), &err);
	getrusage(RUSAGE_SELF, &usage);
	beside = (double)(size.database_bytes - size.free_bytes - (int64_t)der_bytes) /
	    (double)rows;
	printf("%-20s %8s %6s\n", "where the time goes", "us/row", "share");
	for (int i = 0; i < PHASES; i++)
		printf("%-20s %8.2f %5.1f%%\n", PHASE_NAMES[i],
		    spent[i] * 1e6 / (double)rows, 100 * spent[i] / all);
	printf("%.0f certificates a second (%.0f a CPU-second), %.0f bytes a certificate "
	       "beside %.0f of DER, %ld MB at most\n",
	    (double)rows / all, (double)rows / cpu, beside,
	    (double)der_bytes / (double)rows, usage.ru_maxrss / 1024);
	printf("{\"bench\":\"store\",\"rows\":%llu,\"cache_mb\":%d,\"per_second\":%.0f,"
	       "\"per_cpu_second\":%.0f,\"bytes_beside_der\":%.0f,\"der_bytes\":%.0f,"
	       "\"peak_rss_kb\":%ld}\n",
	    (unsigned long long)rows, cache_mb, (double)rows / all, (double)rows / cpu,
	    beside, (double)der_bytes / (double)rows, usage.ru_maxrss);
}

static void
clean(const char *path)
{
	static const char *const ENDS[] = {"", "-wal", "-shm", ".lock"};

	for (size_t i = 0; i < ARRAY_LEN(ENDS); i++) {
		char *file = mem_format("%s%s", path, ENDS[i]);

		unlink(file);
		mem_free(file);
	}
}

int
main(int argc, char **argv)
{
	uint64_t rows = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, done = 0;
	int cache_mb = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 64;
	char *path = mem_format("%s/bench_store.%ld.db",
	    argc > 3                       ? argv[3]
		: getenv("TMPDIR") != NULL ? getenv("TMPDIR")
					   : "/tmp",
	    (long)getpid());
	struct store_options options = {.path = path, .cache_mb = cache_mb};
	uint64_t window = rows / WINDOWS > GROUP ? rows / WINDOWS : GROUP, shown = 0;
	double cpu = 0, before, at_window = 0;
	struct store *store;
	struct err err;
	int64_t range;

	for (size_t i = 0; i < POOL; i += 8)
		put_be64(pool + i, next_random());
	must((store = store_open(&options, &err)) != NULL, &err);
	range = prepare(store);
	printf("%12s %12s %14s\n", "rows", "rows/s", "rows/s so far");
	while (done < rows) {
		uint64_t end = done + GROUP < rows ? done + GROUP : rows;

		before = seconds(CLOCK_PROCESS_CPUTIME_ID);
		group(store, range, done, end);
		cpu += seconds(CLOCK_PROCESS_CPUTIME_ID) - before;
		done = end;
		if (done - shown >= window || done == rows) {
			printf("%12llu %12.0f %14.0f\n", (unsigned long long)done,
			    (double)(done - shown) / (total() - at_window),
			    (double)done / total());
			fflush(stdout);
			shown = done;
			at_window = total();
		}
	}
	report(store, rows, cache_mb, cpu);
	store_close(store);
	clean(path);
	mem_free(path);
	return EXIT_SUCCESS;
}
