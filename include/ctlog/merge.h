/*
 * merge - one log as several lists name it.
 *
 * Lists know it by its id, and each knows some things only: Mozilla's has no
 * addresses, Apple's other states than Google's (wire-formats 4.4).
 */
#pragma once
#include "wire/loglist.h"

/* What one list says, and whether by its settings the log is to be read. */
struct ct_listing {
	const struct log_list_entry *entry;
	bool follow;
};

/*
 * What all listings of one id say together, in the order of their precedence;
 * texts stay theirs. State, operator and description are those of the first
 * that is to be followed, or else of the first; what it leaves open (address,
 * delay, interval, final head) comes from the others. A log that one list knows
 * by the RFC 6962 and another by the static protocol is read by the first of
 * them; monitoring_url of an RFC 6962 log is then where its tiles are. A
 * placeholder or mimic by any list is one.
 *
 * Listings that cannot be used count for nothing. False where none is left.
 */
MUST_CHECK bool ct_log_merge(
    const struct ct_listing *, size_t count, struct log_list_entry *out);
