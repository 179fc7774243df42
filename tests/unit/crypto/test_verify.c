#include "crypto/verify.h"

#include <openssl/err.h>

#include "crypto/failed.h"
#include "tests/lib/unit.h"

/* Keys made for this test, and thrown away. */
#define RSA_SPKI                                                                         \
	"30819f300d06092a864886f70d010101050003818d0030818902818100c53a28d684a5"         \
	"e89e46e3488ad1b77f5282f7d081336fc96da95e18f114675c329bf448b31a8d60838f"         \
	"788acae5ce94442a509dbfdf69f9e823476c9c4bc77dbf96e7b38f0a0c2e50ca1556a4"         \
	"f5cbec7cb2a50edec68f7c3ca1d7147590d73839a928cbe4f0928ea9f472598be0b486"         \
	"7ac5426a0176b70204f4ea6106348b46a90203010001"
#define RSAPSS_SPKI                                                                      \
	"30819d300b06092a864886f70d01010a03818d0030818902818100a345f8a5b5a087c9"         \
	"daf1a7ecd257f9678161a974adf27f2b2728f1e6a38435a8054113a47f6cc7a7132f1c"         \
	"b7807492cd09fc497c8cbf69ddaf72d95e39a3c9798c2986ff5f24644a4ee41cca0a00"         \
	"be6dad4156c2d4f620614c54ad38a956610366541d74b91995780c05b422bf67570e25"         \
	"8d1549ccfa335fc9643eb6dadbb2d30203010001"
#define P256_SPKI                                                                        \
	"3059301306072a8648ce3d020106082a8648ce3d030107034200048b63d9b8f25f4f5b"         \
	"4b8f61bc03f2d690975485e2e6ac28c48a74d244bc7cde809ede7c66da4928a7d4d4f1"         \
	"f7bd3134aabaa601f7fd6cee8da83501ee257b4817"
#define P384_SPKI                                                                        \
	"3076301006072a8648ce3d020106052b81040022036200046d8db43c08ce0caa1f1c1d"         \
	"5a81db67113fd83b94d3420933ce8fddd15f053369f61cad59f323af3bfc5d7f428dd3"         \
	"e4fca45458cc86fd9a35ff200e667566c2f5eee793f2fa19b1ff62a99349528e5a2074"         \
	"a4f9b3dc3a85b1a6cbcc49944040ac"
#define DSA_SPKI                                                                         \
	"308201be3082013306072a8648ce3804013082012602818100ecd7ff8e68966feefe5d"         \
	"8e321ecfad1d0c0760312e9854a77b7f3fada9b8b53c228d3664709b2f11ce4c12f575"         \
	"47f6deea4d89cfd57b5eab293abc8aa343f348605114ac965977228f88010be7bf5785"         \
	"9e92647e7b31cc51ecf41ea478b961e8247d63c22ea4bd13f56ebec4283d1e5bd0ca29"         \
	"b0e1afbad1db2b5eef91b8cabf021d00a3a61259e2a1597a180558750053877829c3ca"         \
	"cfdc87b54057bb332902818023b06782e8cef385c5faa165b7e64bb16ce580dc9b34ff"         \
	"c0ebf30f37c5d22f146703a18373bc924d128e120b65def2e695a8125cd345c44c60ec"         \
	"afe351baf491a8964b098f90d6e0cd04b088fa5e6a61987f87250894df1e1b8c20e3d3"         \
	"f99a58e762fea13d7860ad2aab1096224150627cf2150231f92b19d8a87fdab5c1986e"         \
	"038184000281803bf01783e2dd6c3c9c7eb5c87741ea7f83465a877ea384cc6f5783ef"         \
	"782923131d20b965c16fd6446df25d0dc984e437c1ca0cfe5ea6c9df34dcf0fb1fc7ba"         \
	"8e62ce725a2126bc2b7cdeb52bb4bfda1dce720bf4df1403391d56417684cbc4af8d7f"         \
	"772008d11065f1e8fb18e8bbc4a8d86c8f8b640f886e2cd15b7141cd7561"
#define ED25519_SPKI                                                                     \
	"302a300506032b657003210074484aacbf2f41e92475c808026442a0ea021f89ccf3a0"         \
	"7b3b642566796e7d01"
#define ED448_SPKI                                                                       \
	"3043300506032b6571033a002dc5cb6412f2c9506a2ef9c4e438237be32735cb35098a"         \
	"bdd8de130e623313c9747ad20f915b6573f5cc7d8f1891348a99ae7d9606daf93300"
#define SM2_SPKI                                                                         \
	"3059301306072a8648ce3d020106082a811ccf5501822d03420004140f09c2ef621c13"         \
	"955fa4ddc9dc485927f8074671dd852aa2ff501543bcde9420767df40c0b50ddf6cd4c"         \
	"7baf3d4af5972cfec09290a81dd5b12c3a1ddfc89a"
#define RSA_SHA256                                                                       \
	"a495978871a32327092ea25c0423cde82eb1f88c0a1848daa18d2ce8b75f14237704ea"         \
	"791f4d7ef0fed68bc357580da5ffde0dacd5faecb3a07055727e3c46b39a77ccab053b"         \
	"0f8beea596b5a83c8b79294d5fd382b8829477e18e101c03aa2c4dea1d6841ab4d5c21"         \
	"166e3a714c10cafb1bcfeab667d9348c598dd30fce0366"
#define P256_SHA256                                                                      \
	"3045022054650391aa5b07cf033d84e413d3d7626f4e0f80525218a4055305bad94981"         \
	"420221009bdc66f00b66a1512ece52293189dcc41099432592ef70728efd45c031b19e"         \
	"57"

#define MESSAGE "what was signed"

static const struct {
	const char *what, *spki, *algorithm, *signature;
	enum key_verdict verdict;
} X509_ROWS[] = {
    {"RSA, MD5", RSA_SPKI, "300d06092a864886f70d0101040500",
	"1735fd048bde6ff0ecf8f996351c5faed009615c9ce93bb12ef49318f8da34940dea24"
	"d692392b0198415ec74f731207a423b212b652834c02b3ff29790f927abaab836cf208"
	"d16f14933524914951acaaa1a937dfe92e782d5549896581b86ebaafa8fdd1c97767ae"
	"ce1149559db0a195e9becf7a7744305f305704d15a7a66",
	KEY_GOOD},
    {"RSA, SHA-1", RSA_SPKI, "300d06092a864886f70d0101050500",
	"32415c1d84ed321ca50c456ff77b282255ca0f99b09ec66d41ab1fbd2a139cbd110f83"
	"0f1241660d453a8d0961918083b7f10faa60e14657bc95edf57f5d76ae9677fcf72ad7"
	"12e6dc917b954febc4a8fcdfb6dad09127cf30ff9f6bcc68dd0e7e7ad5d04f7cd43838"
	"1ce90aa0076393af3f65cdbec80266fb65afbe5448c2a6",
	KEY_GOOD},
    {"RSA, SHA-256", RSA_SPKI, "300d06092a864886f70d01010b0500", RSA_SHA256, KEY_GOOD},
    {"RSA, SHA-512", RSA_SPKI, "300d06092a864886f70d01010d0500",
	"995f91fc3c091e22c34d7f78b8925f7ec1043963b52755799b3f4ec4bb702e95a628eb"
	"d85c1d7b542b3a6887c4f4373b0465d1ee1156e63ae435ba78db6817f8d9927eb94850"
	"72724a8a8d4b3892aab231dc6ca955f995adbc6f6a9ac64ba9f9f96d6fb978ede75483"
	"39a32a905ab8beb148f3e97dcb3e20b965d897938fb4f4",
	KEY_GOOD},
    {"RSA-PSS, SHA-256", RSA_SPKI,
	"304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c30"
	"1a06092a864886f70d010108300d06096086480165030402010500a203020120",
	"bb9bcc14da9bb11508459df12c77c03deaeb9e2cdbc0d8b7e2855409dafb2ea9032b5e"
	"3bb5de56befeedf488cf7725ceb07d34341ccb13a45b39d5ed0aa8e886ef80bcac8014"
	"19a3d7751e568384dce4676e5e48fa74c9d655d6612ce6dd47d5817d87f9db81583710"
	"905b16dd077626712e58e5fdd1c281c20c9623a946caa7",
	KEY_GOOD},
    {"RSA-PSS, SHA-1 by default", RSA_SPKI, "300d06092a864886f70d01010a3000",
	"40ad3b4290f87bbe53a4717f9c9e4150554138cd64c4312f6410cc23967e78fa9f6172"
	"902ba542c81038c48a47481c5da5ccd44cd76e18451ca6311b5d54a6ed3011493edd81"
	"9389ce025ff2de38f1ab64474b94875d3292681cfd11d4fba5ce4b99436dd507c93f38"
	"380fdb55a3158eece116f9eb142214690d1b948ecbba3b",
	KEY_GOOD},
    {"RSA-PSS key, SHA-256", RSAPSS_SPKI,
	"304106092a864886f70d01010a3034a00f300d06096086480165030402010500a11c30"
	"1a06092a864886f70d010108300d06096086480165030402010500a203020120",
	"4977440e106fccfd8b67a609578d4329667ec1bbc51790ff046ecb597f1c467545a35e"
	"5992d1f15d59b3ba73baad5b9ef0ecb084658464bab84983c4b793b46b0a85cd34da0e"
	"ff33de8ac13d6879d4e0c368daa761ca878ec63f6bf58057d14f03c64a78c311e36590"
	"f3a9b4f123c7a1821f96bed785d5720ade097383c94b3b",
	KEY_GOOD},
    {"ECDSA, SHA-1", P256_SPKI, "300906072a8648ce3d0401",
	"3046022100aaa421aec7e20577c548f932ee05c61a341df1dc0f7d2b877b6a6c7a74c0"
	"0f4d022100d894154e504f85f0e589681a6c3d78932d009bef8f2d2ba6b75df02aff41"
	"db2f",
	KEY_GOOD},
    {"ECDSA, SHA-256", P256_SPKI, "300a06082a8648ce3d040302", P256_SHA256, KEY_GOOD},
    {"ECDSA P-384, SHA-384", P384_SPKI, "300a06082a8648ce3d040303",
	"3065023001194d36057e946b7283b9c2cd9aa5cbbe6a6e9c514e009fe9d7290dcfdbf9"
	"deccf3cc942392ec4ac7034437e1a5df06023100db8cf394f36f101ea136492a204fc1"
	"553441da50bf426c8e66257dc879021a662b448e87e7f567f7494e1e9750ac9837",
	KEY_GOOD},
    {"DSA, SHA-1", DSA_SPKI, "300906072a8648ce380403",
	"303c021c194e5bca0388e4cdc6f76f406ba774b06d04d268c6a4a2e566198229021c75"
	"0fb8cfaefab489f6617df986c2090a9a8ba0d050717b474d492725",
	KEY_GOOD},
    {"DSA, SHA-256", DSA_SPKI, "300b0609608648016503040302",
	"303c021c7231e62d9b295f087604db13d7f673152f5688a5493e242ff8150efa021c33"
	"a42662fa498950220cedf7ab2859db9d5e2c61097bcf93134c2765",
	KEY_GOOD},
    {"Ed25519", ED25519_SPKI, "300506032b6570",
	"1c822136cd9fc1f1d8175b6c2bea4c71e5b772db7fe7f523c098429d79e3f9aac59573"
	"42f8bb3d5fc9cd8c8899d17bbf82119aba9baec5e97801341c893dc30b",
	KEY_GOOD},
    {"Ed448", ED448_SPKI, "300506032b6571",
	"6a8fdaf8dc658b509edf8e305d0beeb4523d3f61b56aa98ad83052ceeec286a973411c"
	"763f049736b4e1bf0f5a0179e58dbfc57769acdf96807e767b4b9c0eae91438cd00f6b"
	"e5add63173c6a70210d4b7ccb14dafdbdb97338af2b9cfb4af7a1b048002b80df38c89"
	"c75be626b4e7a50800",
	KEY_GOOD},
    {"SM2, SM3", SM2_SPKI, "300a06082a811ccf55018375",
	"304402202f3634eaacfeff223334d896ddbff096222380ef946abe5a76e18b1e25eb4d"
	"8802205da928b98a02019752e3617066f59aaeb50a3776bf1adae5180647be78276216",
	KEY_GOOD},
    {"an algorithm of another kind of key", P256_SPKI, "300d06092a864886f70d01010b0500",
	"00", KEY_BAD},
    {"a DSA algorithm with an RSA key", RSA_SPKI, "300b0609608648016503040302", "00",
	KEY_BAD},
    {"a signature that is none", P256_SPKI, "300a06082a8648ce3d040302", "0102", KEY_BAD},
    {"an empty signature", RSA_SPKI, "300d06092a864886f70d01010b0500", "", KEY_BAD},
    {"MD2, which libcrypto does not know", RSA_SPKI, "300d06092a864886f70d0101020500",
	"00", KEY_UNSUPPORTED},
    {"an OID nobody knows", RSA_SPKI, "30050603550403", "00", KEY_UNSUPPORTED},
    {"ecdsa-with-Specified has no digest", P256_SPKI, "300906072a8648ce3d0403", "00",
	KEY_UNSUPPORTED},
    {"RSA-PSS without parameters", RSA_SPKI, "300b06092a864886f70d01010a", "00",
	KEY_UNSUPPORTED},
    {"RSA-PSS with a negative salt", RSA_SPKI, "301206092a864886f70d01010a3005a2030201ff",
	"00", KEY_UNSUPPORTED},
    {"no AlgorithmIdentifier", RSA_SPKI, "", "00", KEY_UNSUPPORTED},
    {"something behind it", RSA_SPKI, "300d06092a864886f70d01010b050000", "00",
	KEY_UNSUPPORTED},
};

static struct key *
key_of(const char *spki)
{
	struct buf der = unit_hex(spki);
	struct err err = {0};
	struct key *key = key_from_spki(buf_bytes(&der), &err);

	ck_assert_msg(key != NULL, "%s", err.text);
	buf_free(&der);
	return key;
}

START_TEST(x509_rows)
{
	struct key *key = key_of(X509_ROWS[_i].spki);
	struct buf algorithm = unit_hex(X509_ROWS[_i].algorithm);
	struct buf signature = unit_hex(X509_ROWS[_i].signature);
	enum key_verdict verdict = key_verify_x509(
	    key, buf_bytes(&algorithm), bytes_text(MESSAGE), buf_bytes(&signature));

	ck_assert_msg(
	    verdict == X509_ROWS[_i].verdict, "%s: %d", X509_ROWS[_i].what, verdict);
	if (verdict == KEY_GOOD) {
		ck_assert_int_eq(key_verify_x509(key, buf_bytes(&algorithm),
				     bytes_text("what was not"), buf_bytes(&signature)),
		    KEY_BAD);
		signature.data[signature.len / 2] ^= 4;
		ck_assert_int_eq(key_verify_x509(key, buf_bytes(&algorithm),
				     bytes_text(MESSAGE), buf_bytes(&signature)),
		    KEY_BAD);
	}
	ck_assert_uint_eq(ERR_peek_error(), 0);
	buf_free(&algorithm);
	buf_free(&signature);
	key_free(key);
}
END_TEST

static const struct {
	const char *spki;
	enum key_kind kind;
	int bits;
	bool p256;
} KINDS[] = {
    {RSA_SPKI, KEY_RSA, 1024, false},
    {RSAPSS_SPKI, KEY_RSA_PSS, 1024, false},
    {P256_SPKI, KEY_EC, 256, true},
    {P384_SPKI, KEY_EC, 384, false},
    {DSA_SPKI, KEY_DSA, 1024, false},
    {ED25519_SPKI, KEY_ED25519, 256, false},
    {ED448_SPKI, KEY_ED448, 456, false},
    {SM2_SPKI, KEY_SM2, 256, false},
};

START_TEST(kind_rows)
{
	struct key *key = key_ref(key_of(KINDS[_i].spki));
	struct buf der = unit_hex(KINDS[_i].spki);
	struct sha256 id;

	ck_assert_int_eq(key_kind(key), KINDS[_i].kind);
	ck_assert_int_eq(key_bits(key), KINDS[_i].bits);
	ck_assert(key_is_p256(key) == KINDS[_i].p256);
	sha256_of(buf_bytes(&der), &id);
	ck_assert(sha256_equal(&id, key_id(key)));
	buf_free(&der);
	key_free(key);
	key_free(key);
}
END_TEST

/* What the log signs, and what it says it signed with. */
static const struct {
	const char *what, *spki, *signature;
	uint8_t hash, by;
	enum err_code code;
} LOG[] = {
    {"ECDSA", P256_SPKI, P256_SHA256, 4, 3, ERR_NONE},
    {"RSA", RSA_SPKI, RSA_SHA256, 4, 1, ERR_NONE},
    {"RSA said to be ECDSA", RSA_SPKI, RSA_SHA256, 4, 3, ERR_PARSE},
    {"SHA-1", P256_SPKI, P256_SHA256, 2, 3, ERR_PARSE},
    {"another signature", P256_SPKI, "3003020101", 4, 3, ERR_VERIFY},
    {"of another key", RSA_SPKI, P256_SHA256, 4, 1, ERR_VERIFY},
    {"a kind no log has", ED25519_SPKI, "00", 4, 1, ERR_PARSE},
};

START_TEST(log_rows)
{
	struct key *key = key_of(LOG[_i].spki);
	struct buf signature = unit_hex(LOG[_i].signature);
	struct err err = {0};
	bool ok = key_verify_log(key, LOG[_i].hash, LOG[_i].by, bytes_text(MESSAGE),
	    buf_bytes(&signature), &err);

	ck_assert_msg(err.code == LOG[_i].code, "%s: %s", LOG[_i].what, err.text);
	ck_assert(ok == (LOG[_i].code == ERR_NONE));
	ck_assert_uint_eq(ERR_peek_error(), 0);
	buf_free(&signature);
	key_free(key);
}
END_TEST

static const struct {
	const char *what, *hex;
} NO_KEYS[] = {
    {"nothing", ""},
    {"no DER", "616263"},
    {"cut", "302a300506032b6570032100"},
    {"something behind it", ED25519_SPKI "00"},
    {"an algorithm nobody knows", "300c30070603550403050003010000"},
};

START_TEST(no_key_rows)
{
	struct buf der = unit_hex(NO_KEYS[_i].hex);
	struct err err = {0};

	ck_assert_msg(
	    key_from_spki(buf_bytes(&der), &err) == NULL, "%s", NO_KEYS[_i].what);
	ck_assert_int_eq(err.code, ERR_PARSE);
	ck_assert_uint_eq(ERR_peek_error(), 0);
	buf_free(&der);
}
END_TEST

START_TEST(keys_in_other_wraps)
{
	struct key *key = key_of(ED25519_SPKI), *raw, *pem;
	struct buf der = unit_hex(ED25519_SPKI), text;
	struct err err = {0};

	raw = key_from_ed25519(bytes_of(der.data + 12, 32), &err);
	ck_assert(raw != NULL && sha256_equal(key_id(raw), key_id(key)));
	ck_assert(key_from_ed25519(bytes_of(der.data, 31), &err) == NULL);
	buf_init(&text, 1000);
	buf_append_text(&text, "-----BEGIN PUBLIC KEY-----\n");
	ck_assert(base64_encode(buf_bytes(&der), &text));
	buf_append_text(&text, "\n-----END PUBLIC KEY-----\n");
	pem = key_from_pem(buf_bytes(&text), &err);
	ck_assert(pem != NULL && sha256_equal(key_id(pem), key_id(key)));
	ck_assert(key_from_pem(bytes_text("-----BEGIN"), &err) == NULL);
	key_free(key);
	key_free(raw);
	key_free(pem);
	buf_free(&der);
	buf_free(&text);
}
END_TEST

START_TEST(a_failure_empties_the_queue)
{
	struct err err = {0};

	ERR_raise(ERR_LIB_USER, ERR_R_MALLOC_FAILURE);
	ck_assert(!crypto_failed(&err, ERR_CRYPTO, "no %s", "luck"));
	ck_assert_str_eq(err.text, "no luck: malloc failure");
	ck_assert_uint_eq(ERR_peek_error(), 0);
	ck_assert(!crypto_failed(NULL, ERR_CRYPTO, "nobody listens"));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("verify");

	tcase_add_loop_test(tc, x509_rows, 0, UNIT_COUNT(X509_ROWS));
	tcase_add_loop_test(tc, kind_rows, 0, UNIT_COUNT(KINDS));
	tcase_add_loop_test(tc, log_rows, 0, UNIT_COUNT(LOG));
	tcase_add_loop_test(tc, no_key_rows, 0, UNIT_COUNT(NO_KEYS));
	tcase_add_test(tc, keys_in_other_wraps);
	tcase_add_test(tc, a_failure_empties_the_queue);
	return unit_run("crypto/verify", tc);
}
