/*
 * benchlog - hundreds of thousands of realistic entries without signing or
 * keeping them: a few signed templates, in which serial numbers, names and
 * timestamps are written anew for every index.
 *
 * The signatures of the patched certificates do not verify. Names are random
 * labels below many domains, the same for an index in every run.
 */
#pragma once
#include "tests/lib/testlog.h"

struct benchlog;

/* Gives a log `count` entries (0 or more), seven precertificates for each
 * certificate, with leaves of about leaf_len bytes (0: 1300), and makes those of
 * its "grow" from now on: a microsecond each and 8 bytes. It outlives the log. */
struct benchlog *benchlog_new(struct testlog *, uint64_t count, unsigned leaf_len);
void benchlog_free(struct benchlog *);

#define BENCHLOG_NAME_LEN 40
#define BENCHLOG_DOMAINS  1000000

/* A domain, such as "qkzjvyaxw.example": number below BENCHLOG_DOMAINS are those
 * of entries, higher ones look the same and are in no entry. */
void benchlog_domain(uint64_t number, char out[BENCHLOG_NAME_LEN]);

/* Entry index lies below domain benchlog_domain_of(index), under this name. */
uint64_t benchlog_domain_of(uint64_t index);
void benchlog_name(uint64_t index, char out[BENCHLOG_NAME_LEN]);
