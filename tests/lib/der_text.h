/*
 * der_text - DER written as text, for the rows of tests.
 *
 * Hex octets; "(...)" becomes a length and the content; 'text' its octets.
 * White space is nothing: "30( 06(550403) 0c('x.example') )". A length can
 * be written by hand as well: "0481 00". Aborts the test on a bad text.
 */
#pragma once
#include "base/buf.h"

/* The caller frees it (buf_free). */
struct buf der_text(const char *text);
