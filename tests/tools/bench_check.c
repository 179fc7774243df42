/*
 * bench_check - certificates judged a CPU-second by everything that one
 * certificate is enough for, on one thread, from DER to findings; the checks
 * that take most of it; and signatures verified a CPU-second. A line of JSON a
 * figure; of several runs the fastest.
 *
 *	bench_check --certs DIR
 *
 * Without a folder of real certificates (or where it is not there) it makes
 * some of its own.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "check/run.h"
#include "crypto/verify.h"
#include "ctlog/sct_verify.h"
#include "tests/lib/bench.h"
#include "tests/lib/make_cert.h"
#include "tests/lib/options.h"
#include "x509/cert.h"

#define CERTS_MAX  20000
#define MADE       2000
#define SLOWEST    10
#define SIGNATURES 2000

struct bench {
	const char *folder;
	unsigned runs;
	bool real;
	struct buf certs[CERTS_MAX];
	size_t count, judged;
	struct check_params params;
	struct arena arena;
	uint64_t seen; /* so that nothing is left out as useless */
};

/* --- what is judged ------------------------------------------------------------- */

static void
load_file(struct bench *bench, const char *name)
{
	char *path = mem_format("%s/%s", bench->folder, name);
	int fd = open(path, O_RDONLY);
	struct stat about;

	if (fd < 0 || fstat(fd, &about) != 0)
		tool_die("bench_check: cannot read %s", path);
	if (S_ISREG(about.st_mode) && about.st_size > 0) {
		struct buf *der = &bench->certs[bench->count++];

		buf_init(der, (size_t)about.st_size);
		if (read(fd, buf_extend(der, (size_t)about.st_size),
			(size_t)about.st_size) != about.st_size)
			tool_die("bench_check: cannot read %s", path);
	}
	close(fd);
	mem_free(path);
}

static void
load(struct bench *bench)
{
	DIR *folder = bench->folder != NULL ? opendir(bench->folder) : NULL;
	const struct dirent *entry;

	if (folder == NULL)
		return;
	while (bench->count < CERTS_MAX && (entry = readdir(folder)) != NULL)
		if (entry->d_name[0] != '.')
			load_file(bench, entry->d_name);
	closedir(folder);
	bench->real = bench->count > 0;
}

static const char *const NAMES[] = {
    "shop.example.org", "www.shop.example.org", "*.mail.example.org", NULL};

static struct make_spec
made_spec(void)
{
	return (struct make_spec){.key = make_key(MAKE_KEY_P256, 1),
	    .issuer_key = make_key(MAKE_KEY_RSA2048, 1),
	    .subject = "/CN=shop.example.org",
	    .issuer = "/C=US/O=Bench CA/CN=Bench CA 1",
	    .not_before = 1767225600,
	    .not_after = 1767225600 + (int64_t)90 * 86400,
	    .dns = NAMES};
}

static void
make(struct bench *bench)
{
	while (bench->count < MADE) {
		struct make_spec spec = made_spec();

		spec.poison = bench->count % 2 == 0;
		bench->certs[bench->count++] = make_cert(&spec);
	}
}

/* --- judging ----------------------------------------------------------------------- */

static void
judge(struct bench *bench, const struct cert *cert)
{
	struct findings findings;
	struct judged judged;

	judged_init(&judged, cert, NULL, NULL, &bench->params, &bench->arena);
	judged_read_scts(&judged, &bench->arena);
	findings_init(&findings, &bench->arena);
	checks_run_certificate(&judged, &findings);
	bench->seen += findings.count;
	arena_reset(&bench->arena);
}

/* Seconds for all that are self-issued, or for all that are not: of the first
 * the signature is verified. */
static double
judge_all(struct bench *bench, bool self_issued)
{
	double best = 0, began, took;

	for (unsigned run = 0; run < bench->runs; run++) {
		began = bench_cpu_s();
		bench->judged = 0;
		for (size_t i = 0; i < bench->count; i++) {
			struct cert cert;

			if (!cert_parse(buf_bytes(&bench->certs[i]), &cert) ||
			    cert_is_self_issued(&cert) != self_issued)
				continue;
			judge(bench, &cert);
			bench->judged++;
		}
		took = bench_cpu_s() - began;
		best = run == 0 || took < best ? took : best;
	}
	return best;
}

static void
print_judged(struct bench *bench, bool self_issued, const char *which)
{
	double took = judge_all(bench, self_issued);

	if (bench->judged > 0)
		printf("{\"figure\":\"%zu %s certificates%s\",\"per_cpu_second\":%.0f}\n",
		    bench->judged, bench->real ? "real" : "made", which,
		    (double)bench->judged / took);
}

static void
only(struct bench *bench, size_t number)
{
	for (size_t i = 0; i < check_count(); i++)
		bench->params.off[i] = i != number;
}

struct cost {
	const char *id;
	double ns;
};

static int
by_cost(const void *a, const void *b)
{
	const struct cost *x = a, *y = b;

	return (x->ns < y->ns) - (x->ns > y->ns);
}

/* Each check alone, less what a run without any takes. */
static void
find_slowest(struct bench *bench)
{
	struct cost costs[CHECKS_MAX];
	size_t count = 0;
	double none;

	only(bench, check_count());
	none = judge_all(bench, false);
	for (size_t i = 0; i < check_count(); i++) {
		const struct check *check = check_at(i);

		if (check->scope != SCOPE_CERTIFICATE || check->needs != NULL)
			continue;
		only(bench, i);
		costs[count++] = (struct cost){check->id,
		    (judge_all(bench, false) - none) * 1e9 / (double)bench->judged};
	}
	only(bench, check_count());
	qsort(costs, count, sizeof(*costs), by_cost);
	printf("{\"check\":\"(parsing and facts)\",\"ns\":%.0f}\n",
	    none * 1e9 / (double)bench->judged);
	for (size_t i = 0; i < count && i < SLOWEST; i++)
		printf("{\"check\":\"%s\",\"ns\":%.0f}\n", costs[i].id, costs[i].ns);
}

/* --- signatures --------------------------------------------------------------------- */

static struct key *
verifier(const struct make_key *key)
{
	struct err err;
	struct key *made = key_from_spki(buf_bytes(&key->spki), &err);

	if (made == NULL)
		tool_die("bench_check: %s", err.text);
	return made;
}

static void
bench_issuer(struct bench *bench, enum make_key_type type, const char *what)
{
	struct make_spec spec = made_spec();
	struct buf der;
	struct cert cert;
	struct key *key;
	double began;

	spec.issuer_key = make_key(type, 2);
	der = make_cert(&spec);
	key = verifier(spec.issuer_key);
	if (!cert_parse(buf_bytes(&der), &cert))
		tool_die("bench_check: a certificate of its own does not parse");
	began = bench_cpu_s();
	for (int i = 0; i < SIGNATURES; i++)
		bench->seen += key_verify_x509(key, cert.algorithm.whole, cert.tbs,
				   cert.signature) == KEY_GOOD;
	printf("{\"figure\":\"issuer signatures, %s\",\"per_cpu_second\":%.0f}\n", what,
	    SIGNATURES / (bench_cpu_s() - began));
	key_free(key);
	buf_free(&der);
}

static void
bench_sct(struct bench *bench)
{
	struct make_spec spec = made_spec();
	const struct make_key *log_key = make_key(MAKE_KEY_P256, 3);
	struct buf tbs = make_tbs(&spec);
	struct buf raw = make_sct(log_key, 1767225600000, spec.issuer_key->key_hash,
	    buf_bytes(&tbs), bytes_of(NULL, 0));
	const struct ct_log_options options = {.name = "bench",
	    .key = buf_bytes(&log_key->spki),
	    .url = "https://bench.example/"};
	struct leaf entry = {.kind = LEAF_PRECERT,
	    .certificate = buf_bytes(&tbs),
	    .issuer_key_hash = bytes_of(spec.issuer_key->key_hash, 32)};
	const struct ct_log *log;
	struct sct sct;
	struct err err;
	double began;

	log = ct_log_new(&options, &err);
	if (log == NULL || !sct_parse(buf_bytes(&raw), &sct, &err))
		tool_die("bench_check: %s", err.text);
	began = bench_cpu_s();
	for (int i = 0; i < SIGNATURES; i++)
		bench->seen += sct_verify_by(&sct, &entry, log) == SCT_GOOD;
	printf("{\"figure\":\"SCT signatures, P-256\",\"per_cpu_second\":%.0f}\n",
	    SIGNATURES / (bench_cpu_s() - began));
	ct_log_free(log);
	buf_free(&raw);
	buf_free(&tbs);
}

/* --- all of it ------------------------------------------------------------------------
 */

static void
set_certs(void *owner, const char *value)
{
	((struct bench *)owner)->folder = value;
}

static void
set_runs(void *owner, const char *value)
{
	((struct bench *)owner)->runs = (unsigned)strtoul(value, NULL, 10);
}

static const struct tool_option OPTIONS[] = {
    {"certs", "DIR", "DER files to judge", set_certs},
    {"runs", "N", "default: 3", set_runs},
};

int
main(int argc, char **argv)
{
	struct bench *bench = mem_zero(1, sizeof(*bench));
	bool seen;

	bench->runs = 3;
	tool_options(
	    argc, argv, "Measures the judging.", OPTIONS, ARRAY_LEN(OPTIONS), bench);
	load(bench);
	if (!bench->real)
		make(bench);
	arena_init(&bench->arena);
	check_params_defaults(&bench->params);
	print_judged(bench, false, "");
	print_judged(bench, true, ", self-issued");
	bench_issuer(bench, MAKE_KEY_RSA2048, "RSA 2048");
	bench_issuer(bench, MAKE_KEY_P256, "P-256");
	bench_issuer(bench, MAKE_KEY_P384, "P-384");
	bench_sct(bench);
	find_slowest(bench);
	for (size_t i = 0; i < bench->count; i++)
		buf_free(&bench->certs[i]);
	arena_free(&bench->arena);
	seen = bench->seen > 0;
	mem_free(bench);
	return seen ? EXIT_SUCCESS : EXIT_FAILURE;
}
