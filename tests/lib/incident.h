/*
 * incident - the WoSign and StartCom affair of 2015 to 2017 made again: fresh
 * keys, names marked "(re-creation)", the same kinds of certificates, logged
 * into two test logs among innocent ones; and a manifest of what a monitor
 * must find in it.
 *
 * `make demo` shows it, the end-to-end tests compare it. The cases are those of
 * checks/incident.md that a log can show; dates, serial numbers and gaps are the
 * real ones.
 */
#pragma once
#include "tests/lib/testlog.h"

struct incident;

/* Both logs outlive it. Precertificates go to both, certificates to the static
 * one. Makes the CAs; logs nothing yet. */
struct incident *incident_new(struct testlog *static_ct, struct testlog *rfc6962);
void incident_free(struct incident *);

/* What happened from January 2015 to May 2017, with `innocent` certificates of
 * other CAs between, in the order of time. No head is signed. */
void incident_history(struct incident *, unsigned innocent);

/* What happens now, while somebody watches: a backdated certificate, a new
 * intermediate, an unexpected issuer ... Each call adds the next of
 * incident_live_count() cases and returns what it is ("a SHA-1 certificate dated
 * 2015"), NULL after the last. No head is signed. */
const char *incident_live(struct incident *, int64_t now_ms);
size_t incident_live_count(void);

/*
 * Writes into dir: manifest.json, watch.conf (the domain and ca blocks to
 * include), and the CAs' certificates in PEM that it names. The manifest:
 *
 * {"covers": ["sha1-after-sunset", ...],        checks that it speaks of
 *  "certificates": [{
 *     "case": "SHA-1 in January", "issuer_key": HEX, "serial": HEX,
 *     "tbs": HEX,                               SHA-256 of the TBS without poison
 *                                               and SCT list
 *     "subject": "/CN=...", "names": [...],
 *     "matched": true,                          a watch of watch.conf matches it
 *     "sightings": [{"log": NAME, "index": N, "form": "precert" | "final"}],
 *     "expect": [ids], "may": [ids]}],          must be found; may be found
 *  "ca_certificates": [{"subject", "sha256", "spki", "expect", "may"}],
 *  "expected": {id: how many}}
 *
 * Whatever is found of the covered checks and stands in neither list is a false
 * alarm.
 */
MUST_CHECK bool incident_write(const struct incident *, const char *dir, struct err *);
