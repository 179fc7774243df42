/*
 * spec_text - certificates out of one line of text, so that a test's rows say
 * what is odd about each and nothing else.
 *
 * Words between spaces, a word's value in single quotes where it has spaces.
 * Nothing named: a TLS leaf of 40 days from 2026-04-01 for www.example.org, DV,
 * P-256, under "Test CA 1".
 *
 *   role=leaf|ca|root   key=p256|...|rsa2048|sm2|ed25519   keyno=N
 *   signer=KEY  self (signed by itself)   sig=sha1|sha256|sha384|sha512|sm3|md5
 *   subject=/C=..   issuer=/..   subjectder=HEX  issuerder=HEX
 *   serial=HEX   nb=DATE  na=DATE  days=N  life=SECONDS  nbder=HEX  nader=HEX
 *   dns=a,b,c  (dns= : none)   san=TAG:TEXT  sanhex=TAG:HEX   sancritical
 *   ku=DECIMAL   eku=OID,OID   policies=OID,OID   ocsp=URL  ca=URL  crl=URL
 *   omit=aki+ski+ku+eku+policies+aia+crldp+san+bc+extensions+version
 *   ext=OID:HEX  extcrit=OID:HEX   poison   scts=MS,MS (by test logs 0, 1, ..)
 *   sctraw=HEX (the list)   sctsame (all by test log 0)   sctbad=N (the Nth)
 *   sctops=A,B,.. (who runs them)   sctretired=DATE (all)   spki=HEX rsa=MODULUS,EXPONENT
 * (hex) sigalg=HEX  inneralg=HEX   patch=HEX>HEX (same length, in the TBS, first place)
 *   dates=sign|nb|none   lo=DATE   hi=DATE   now=DATE   unverified (SCTs)
 *   programs=A,B (that include its signer's roots)   state=normal|... (the signer's)
 *   asfinal (logged as a final)   precertsigner (by a certificate for that)
 *   cross (its key has a root too)
 *
 * HEX may hold [OID] for a whole OBJECT IDENTIFIER, "TEXT" for its octets, and
 * parentheses after a tag around what it holds: 30([1.2.3]86("http://x"))
 */
#pragma once
#include "tests/lib/make_cert.h"

#include "check/findings.h"
#include "check/judged.h"
#include "check/params.h"
#include "x509/cert.h"

/* A certificate judged: all it points to lives here. */
struct sample {
	struct make_spec spec;
	struct arena arena;
	struct buf der;
	struct cert cert;
	struct judged judged;
	struct check_params params;
	struct check_operator signer; /* judged.signer where programs or state is said */
	struct check_program programs[4];
	bool has_signer;
	enum date_mode dates;
	int64_t lo_ms, hi_ms, now_ms;
	int64_t sct_ms[8];
	size_t sct_count;
	const char *sct_operators[8];
	int64_t sct_retired_ms; /* 0: not */
	int sct_bad;            /* -1: none */
	bool unverified, sct_same, as_final, by_precert_signer, cross;
};

/* Aborts on a word it does not know. Freed by sample_free(). */
void sample_make(struct sample *, const char *text);
void sample_free(struct sample *);
/* Once more from the beginning, after a number of the catalogue was changed. */
void sample_judge(struct sample *);

/* The same, only the bytes; the caller frees them. */
struct buf spec_make(const char *text);

/* The SubjectPublicKeyInfo of "MODULUS,EXPONENT" in hex, the arena's. */
struct bytes spec_rsa_key(struct arena *, const char *text);

/* Test log number n: its key. */
const struct make_key *sample_log(unsigned number);

/* Unix seconds of "2016-01-01" or "2016-01-01T00:00:00Z"; aborts. */
int64_t sample_date(const char *text);
/* And ms of it, perhaps with ".001" before the Z. */
int64_t sample_ms(const char *text);
