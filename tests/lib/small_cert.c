#include "tests/lib/small_cert.h"

#include "base/mem.h"
#include "tests/lib/der_text.h"

static const char *const PARTS[SMALL_PARTS] = {
    [SMALL_VERSION] = "a0(02(02))",
    [SMALL_SERIAL] = "02(0102)",
    [SMALL_TBS_ALGORITHM] = "30(06(2a8648ce3d040302))",
    [SMALL_ISSUER] = "30(31(30( 06(550403) 0c('CA') )))",
    [SMALL_VALIDITY] = "30( 17('250101000000Z') 17('260101000000Z') )",
    [SMALL_SUBJECT] = "30(31(30( 06(550403) 0c('www.example') )))",
    [SMALL_SPKI] = "30( 30( 06(2a8648ce3d0201) 06(2a8648ce3d030107) ) 03(000401) )",
    [SMALL_EXTENSIONS] =
	"a3(30(30( 06(551d11) 04(30( 82('www.example') 82('example') )) )))",
    [SMALL_ALGORITHM] = "30(06(2a8648ce3d040302))",
    [SMALL_SIGNATURE] = "03(00 30(0201010201 02))",
    [SMALL_BEHIND] = "",
};

static struct buf
build(enum small_part part, const char *text, bool bare)
{
	const char *p[SMALL_PARTS];
	struct buf der;
	char *whole;

	for (size_t i = 0; i < SMALL_PARTS; i++)
		p[i] = i == part ? text : PARTS[i];
	whole = bare ? mem_format("30( %s %s %s %s %s %s %s %s )", p[0], p[1], p[2], p[3],
			   p[4], p[5], p[6], p[7])
		     : mem_format("30( 30( %s %s %s %s %s %s %s %s ) %s %s ) %s", p[0],
			   p[1], p[2], p[3], p[4], p[5], p[6], p[7], p[8], p[9], p[10]);
	der = der_text(whole);
	mem_free(whole);
	return der;
}

struct buf
small_cert(enum small_part part, const char *text)
{
	return build(part, text, false);
}

struct buf
small_tbs(enum small_part part, const char *text)
{
	return build(part, text, true);
}

struct buf
small_cert_with(const char *extensions)
{
	char *text = mem_format("a3(30( %s ))", extensions);
	struct buf der = small_cert(SMALL_EXTENSIONS, text);

	mem_free(text);
	return der;
}
