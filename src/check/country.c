/* ISO 3166-1 alpha-2: the codes officially assigned, and from when to when. */
#include "check_priv.h"

/* By first letter, the second letters of the codes assigned since before there
 * were certificates, and still. */
static const char *const SINCE_EVER['Z' - 'A' + 1] = {
    ['A' - 'A'] = "DEFGILMOQRSTUWZ",
    ['B' - 'A'] = "ABDEFGHIJMNORSTVWYZ",
    ['C' - 'A'] = "ACFGHIKLMNORUVXY",
    ['D' - 'A'] = "EJKMOZ",
    ['E' - 'A'] = "CEGHST",
    ['F' - 'A'] = "IJKMOR",
    ['G' - 'A'] = "ABDEFHILMNPQRSTUWY",
    ['H' - 'A'] = "KMNRTU",
    ['I' - 'A'] = "DELNOQRST",
    ['J' - 'A'] = "MOP",
    ['K' - 'A'] = "EGHIMNPRWYZ",
    ['L' - 'A'] = "ABCIKRSTUVY",
    ['M' - 'A'] = "ACDGHKLMNOPQRSTUVWXYZ",
    ['N' - 'A'] = "ACEFGILOPRUZ",
    ['O' - 'A'] = "M",
    ['P' - 'A'] = "AEFGHKLMNRTWY",
    ['Q' - 'A'] = "A",
    ['R' - 'A'] = "EOUW",
    ['S' - 'A'] = "ABCDEGHIJLMNORTVYZ",
    ['T' - 'A'] = "CDFGHJKMNORTVWZ",
    ['U' - 'A'] = "AGMSYZ",
    ['V' - 'A'] = "ACEGINU",
    ['W' - 'A'] = "FS",
    ['Y' - 'A'] = "ET",
    ['Z' - 'A'] = "AMW",
};

/* Came or went since 1990: the newsletters of ISO 3166/MA. */
static const struct {
	char code[3];
	int64_t from, until; /* Unix seconds; 0: open */
} DATED[] = {
    {"AN", 0, DATE(2010, 12, 15)},                /* Netherlands Antilles */
    {"AX", DATE(2004, 2, 13), 0},                 /* Aland Islands */
    {"BL", DATE(2007, 9, 21), 0},                 /* Saint Barthelemy */
    {"BQ", DATE(2010, 12, 15), 0},                /* Bonaire */
    {"CD", DATE(1997, 7, 14), 0},                 /* Congo, formerly ZR */
    {"CS", 0, DATE(1993, 6, 15)},                 /* Czechoslovakia */
    {"CS", DATE(2003, 7, 23), DATE(2006, 9, 26)}, /* Serbia and Montenegro */
    {"CW", DATE(2010, 12, 15), 0},                /* Curacao */
    {"CZ", DATE(1993, 6, 15), 0}, {"ER", DATE(1993, 7, 16), 0},
    {"FX", DATE(1993, 7, 12), DATE(1997, 7, 14)},               /* metropolitan France */
    {"GG", DATE(2006, 3, 29), 0},                               /* Guernsey */
    {"IM", DATE(2006, 3, 29), 0},                               /* Isle of Man */
    {"JE", DATE(2006, 3, 29), 0},                               /* Jersey */
    {"ME", DATE(2006, 9, 26), 0},                               /* Montenegro */
    {"MF", DATE(2007, 9, 21), 0},                               /* Saint Martin */
    {"NT", 0, DATE(1993, 7, 12)},                               /* Neutral Zone */
    {"PS", DATE(1999, 10, 1), 0},                               /* Palestine */
    {"RS", DATE(2006, 9, 26), 0},                               /* Serbia */
    {"SK", DATE(1993, 6, 15), 0}, {"SS", DATE(2011, 8, 11), 0}, /* South Sudan */
    {"SU", 0, DATE(1992, 8, 30)},                               /* USSR */
    {"SX", DATE(2010, 12, 15), 0},                              /* Sint Maarten */
    {"TL", DATE(2002, 11, 15), 0},                              /* Timor-Leste */
    {"TP", 0, DATE(2002, 11, 15)},                              /* East Timor */
    {"YU", 0, DATE(2003, 7, 23)},                               /* Yugoslavia */
    {"ZR", 0, DATE(1997, 7, 14)},                               /* Zaire */
};

static bool
dated(const char code[2], int64_t unix_s)
{
	for (size_t i = 0; i < ARRAY_LEN(DATED); i++)
		if (memcmp(DATED[i].code, code, 2) == 0 && unix_s >= DATED[i].from &&
		    (DATED[i].until == 0 || unix_s < DATED[i].until))
			return true;
	return false;
}

/* The operator's list may give a code several times, each with its dates. */
static bool
listed(const struct check_params *params, const char code[2], int64_t unix_s)
{
	for (size_t i = 0; i < params->country_count; i++) {
		const struct check_country *country = &params->countries[i];

		if (memcmp(country->code, code, 2) == 0 && unix_s >= country->from &&
		    (country->until == 0 || unix_s < country->until))
			return true;
	}
	return false;
}

bool
country_known(const struct check_params *params, struct bytes code, int64_t unix_s)
{
	const char *second;

	if (code.len != 2 || code.data[0] < 'A' || code.data[0] > 'Z' ||
	    code.data[1] < 'A' || code.data[1] > 'Z')
		return false;
	if (params->country_count > 0)
		return listed(params, (const char *)code.data, unix_s);
	second = SINCE_EVER[code.data[0] - 'A'];
	if (second != NULL && strchr(second, code.data[1]) != NULL)
		return true;
	return dated((const char *)code.data, unix_s);
}
