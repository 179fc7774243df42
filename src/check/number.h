/*
 * number - what can be said of an RSA modulus without its factors. Magnitudes,
 * big-endian, as DER has them; no allocation but for DSA's.
 */
#pragma once
#include "base/bytes.h"

#define NUMBER_PRIMES 132 /* odd primes below 752 */

unsigned number_prime(size_t index); /* 3, 5, 7, ... 751 */

/* What libcrypto takes for a modulus at most: longer ones are not looked at. */
#define NUMBER_RSA_BITS_MAX 16384

/* The modulus modulo each of the primes. */
void number_residues(struct bytes modulus, uint16_t out[NUMBER_PRIMES]);

/* The smallest prime k up to 11 so that the residues are k-th powers all; 0:
 * none. */
unsigned number_power(const uint16_t residues[NUMBER_PRIMES]);

/* Fermat's factorisation (fermat.c): the step in which it succeeds, from 1; 0: not
 * within so many rounds, or the modulus is longer than the most. Takes the square of
 * its length. */
int number_fermat(struct bytes modulus, unsigned rounds);

/* Whether 2 <= y <= p - 2. */
bool number_within_field(struct bytes y, struct bytes p);

/* Whether y^q modulo p is 1: 1 or 0; -1 where p has over 8192 bits or q over 512, so
 * that nobody can make this dear. */
int number_power_is_one(struct bytes y, struct bytes q, struct bytes p);

/* The residues of ROCA keys (CVE-2017-15361). */
bool number_is_roca(const uint16_t residues[NUMBER_PRIMES]);
