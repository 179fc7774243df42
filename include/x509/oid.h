/*
 * oid - the object identifiers that certificates use, and the text of others.
 *
 * An identifier is its content octets (no tag, no length). Known ones have an
 * enum, so that a switch can name them.
 */
#pragma once
#include "base/buf.h"

/* X(enum name, content octets as a string, short name, long name). The short
 * name is the one of RFC 4514 or of common use; sorted by nothing: oid.c
 * finds by length and octets. */
#define OID_TABLE(X)                                                                     \
	/* attributes of names */                                                        \
	X(OID_COMMON_NAME, "\x55\x04\x03", "CN", "commonName")                           \
	X(OID_SURNAME, "\x55\x04\x04", "SN", "surname")                                  \
	X(OID_SERIAL_NUMBER, "\x55\x04\x05", "serialNumber", "serialNumber")             \
	X(OID_COUNTRY, "\x55\x04\x06", "C", "countryName")                               \
	X(OID_LOCALITY, "\x55\x04\x07", "L", "localityName")                             \
	X(OID_STATE, "\x55\x04\x08", "ST", "stateOrProvinceName")                        \
	X(OID_STREET, "\x55\x04\x09", "street", "streetAddress")                         \
	X(OID_ORGANIZATION, "\x55\x04\x0a", "O", "organizationName")                     \
	X(OID_ORGANIZATIONAL_UNIT, "\x55\x04\x0b", "OU", "organizationalUnitName")       \
	X(OID_TITLE, "\x55\x04\x0c", "title", "title")                                   \
	X(OID_DESCRIPTION, "\x55\x04\x0d", "description", "description")                 \
	X(OID_BUSINESS_CATEGORY, "\x55\x04\x0f", "businessCategory", "businessCategory") \
	X(OID_POSTAL_CODE, "\x55\x04\x11", "postalCode", "postalCode")                   \
	X(OID_NAME, "\x55\x04\x29", "name", "name")                                      \
	X(OID_GIVEN_NAME, "\x55\x04\x2a", "GN", "givenName")                             \
	X(OID_INITIALS, "\x55\x04\x2b", "initials", "initials")                          \
	X(OID_GENERATION_QUALIFIER, "\x55\x04\x2c", "generationQualifier",               \
	    "generationQualifier")                                                       \
	X(OID_DN_QUALIFIER, "\x55\x04\x2e", "dnQualifier", "dnQualifier")                \
	X(OID_PSEUDONYM, "\x55\x04\x41", "pseudonym", "pseudonym")                       \
	X(OID_ORGANIZATION_IDENTIFIER, "\x55\x04\x61", "organizationIdentifier",         \
	    "organizationIdentifier")                                                    \
	X(OID_EMAIL_ADDRESS, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", "emailAddress",     \
	    "emailAddress")                                                              \
	X(OID_UNSTRUCTURED_NAME, "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x02",                 \
	    "unstructuredName", "unstructuredName")                                      \
	X(OID_USER_ID, "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x01", "UID", "userId")      \
	X(OID_DOMAIN_COMPONENT, "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01\x19", "DC",        \
	    "domainComponent")                                                           \
	X(OID_JURISDICTION_LOCALITY, "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x01",     \
	    "jurisdictionL", "jurisdictionLocalityName")                                 \
	X(OID_JURISDICTION_STATE, "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x02",        \
	    "jurisdictionST", "jurisdictionStateOrProvinceName")                         \
	X(OID_JURISDICTION_COUNTRY, "\x2b\x06\x01\x04\x01\x82\x37\x3c\x02\x01\x03",      \
	    "jurisdictionC", "jurisdictionCountryName")                                  \
	/* extensions of certificates */                                                 \
	X(OID_SUBJECT_DIRECTORY_ATTRIBUTES, "\x55\x1d\x09", "SDA",                       \
	    "subjectDirectoryAttributes")                                                \
	X(OID_SUBJECT_KEY_IDENTIFIER, "\x55\x1d\x0e", "SKI", "subjectKeyIdentifier")     \
	X(OID_KEY_USAGE, "\x55\x1d\x0f", "KU", "keyUsage")                               \
	X(OID_PRIVATE_KEY_USAGE_PERIOD, "\x55\x1d\x10", "PKUP", "privateKeyUsagePeriod") \
	X(OID_SUBJECT_ALT_NAME, "\x55\x1d\x11", "SAN", "subjectAltName")                 \
	X(OID_ISSUER_ALT_NAME, "\x55\x1d\x12", "IAN", "issuerAltName")                   \
	X(OID_BASIC_CONSTRAINTS, "\x55\x1d\x13", "BC", "basicConstraints")               \
	X(OID_NAME_CONSTRAINTS, "\x55\x1d\x1e", "NC", "nameConstraints")                 \
	X(OID_CRL_DISTRIBUTION_POINTS, "\x55\x1d\x1f", "CRLDP", "cRLDistributionPoints") \
	X(OID_CERTIFICATE_POLICIES, "\x55\x1d\x20", "CP", "certificatePolicies")         \
	X(OID_POLICY_MAPPINGS, "\x55\x1d\x21", "PM", "policyMappings")                   \
	X(OID_AUTHORITY_KEY_IDENTIFIER, "\x55\x1d\x23", "AKI", "authorityKeyIdentifier") \
	X(OID_POLICY_CONSTRAINTS, "\x55\x1d\x24", "PC", "policyConstraints")             \
	X(OID_EXTENDED_KEY_USAGE, "\x55\x1d\x25", "EKU", "extKeyUsage")                  \
	X(OID_FRESHEST_CRL, "\x55\x1d\x2e", "freshestCRL", "freshestCRL")                \
	X(OID_INHIBIT_ANY_POLICY, "\x55\x1d\x36", "IAP", "inhibitAnyPolicy")             \
	X(OID_AUTHORITY_INFO_ACCESS, "\x2b\x06\x01\x05\x05\x07\x01\x01", "AIA",          \
	    "authorityInfoAccess")                                                       \
	X(OID_QC_STATEMENTS, "\x2b\x06\x01\x05\x05\x07\x01\x03", "qcStatements",         \
	    "qcStatements")                                                              \
	X(OID_SUBJECT_INFO_ACCESS, "\x2b\x06\x01\x05\x05\x07\x01\x0b", "SIA",            \
	    "subjectInfoAccess")                                                         \
	X(OID_TLS_FEATURE, "\x2b\x06\x01\x05\x05\x07\x01\x18", "TLSFeature",             \
	    "tlsFeature")                                                                \
	X(OID_OCSP_NO_CHECK, "\x2b\x06\x01\x05\x05\x07\x30\x01\x05", "OCSPNoCheck",      \
	    "ocspNoCheck")                                                               \
	X(OID_SCT_LIST, "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02", "SCTs",              \
	    "signedCertificateTimestampList")                                            \
	X(OID_POISON, "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x03", "poison",              \
	    "precertificatePoison")                                                      \
	X(OID_PRECERT_SIGNING, "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x04",               \
	    "precertSigning", "precertificateSigning")                                   \
	X(OID_OCSP_SCT_LIST, "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x05", "OCSPSCTs",     \
	    "ocspSignedCertificateTimestampList")                                        \
	X(OID_CABF_ORGANIZATION_IDENTIFIER, "\x67\x81\x0c\x03\x01", "CABFOrgId",         \
	    "cabfOrganizationIdentifier")                                                \
	X(OID_TOR_SERVICE_DESCRIPTOR, "\x67\x81\x0c\x01\x1f", "TorDescriptor",           \
	    "torServiceDescriptor")                                                      \
	X(OID_NETSCAPE_CERT_TYPE, "\x60\x86\x48\x01\x86\xf8\x42\x01\x01", "nsCertType",  \
	    "netscapeCertType")                                                          \
	X(OID_NETSCAPE_COMMENT, "\x60\x86\x48\x01\x86\xf8\x42\x01\x0d", "nsComment",     \
	    "netscapeComment")                                                           \
	X(OID_MS_CERT_TEMPLATE_NAME, "\x2b\x06\x01\x04\x01\x82\x37\x14\x02",             \
	    "msTemplateName", "microsoftCertificateTemplateName")                        \
	X(OID_MS_CA_VERSION, "\x2b\x06\x01\x04\x01\x82\x37\x15\x01", "msCAVersion",      \
	    "microsoftCAVersion")                                                        \
	X(OID_MS_CERT_TEMPLATE, "\x2b\x06\x01\x04\x01\x82\x37\x15\x07", "msTemplate",    \
	    "microsoftCertificateTemplate")                                              \
	/* extended key usages */                                                        \
	X(OID_ANY_EKU, "\x55\x1d\x25\x00", "anyEKU", "anyExtendedKeyUsage")              \
	X(OID_SERVER_AUTH, "\x2b\x06\x01\x05\x05\x07\x03\x01", "serverAuth",             \
	    "serverAuth")                                                                \
	X(OID_CLIENT_AUTH, "\x2b\x06\x01\x05\x05\x07\x03\x02", "clientAuth",             \
	    "clientAuth")                                                                \
	X(OID_CODE_SIGNING, "\x2b\x06\x01\x05\x05\x07\x03\x03", "codeSigning",           \
	    "codeSigning")                                                               \
	X(OID_EMAIL_PROTECTION, "\x2b\x06\x01\x05\x05\x07\x03\x04", "emailProtection",   \
	    "emailProtection")                                                           \
	X(OID_IPSEC_END_SYSTEM, "\x2b\x06\x01\x05\x05\x07\x03\x05", "ipsecEndSystem",    \
	    "ipsecEndSystem")                                                            \
	X(OID_IPSEC_TUNNEL, "\x2b\x06\x01\x05\x05\x07\x03\x06", "ipsecTunnel",           \
	    "ipsecTunnel")                                                               \
	X(OID_IPSEC_USER, "\x2b\x06\x01\x05\x05\x07\x03\x07", "ipsecUser", "ipsecUser")  \
	X(OID_TIME_STAMPING, "\x2b\x06\x01\x05\x05\x07\x03\x08", "timeStamping",         \
	    "timeStamping")                                                              \
	X(OID_OCSP_SIGNING, "\x2b\x06\x01\x05\x05\x07\x03\x09", "OCSPSigning",           \
	    "OCSPSigning")                                                               \
	X(OID_BIMI, "\x2b\x06\x01\x05\x05\x07\x03\x1f", "BIMI",                          \
	    "brandIndicatorForMessageIdentification")                                    \
	X(OID_MS_SERVER_GATED_CRYPTO, "\x2b\x06\x01\x04\x01\x82\x37\x0a\x03\x03",        \
	    "msSGC", "microsoftServerGatedCrypto")                                       \
	X(OID_NETSCAPE_SERVER_GATED_CRYPTO, "\x60\x86\x48\x01\x86\xf8\x42\x04\x01",      \
	    "nsSGC", "netscapeServerGatedCrypto")                                        \
	/* policies, qualifiers, access methods */                                       \
	X(OID_ANY_POLICY, "\x55\x1d\x20\x00", "anyPolicy", "anyPolicy")                  \
	X(OID_POLICY_EV, "\x67\x81\x0c\x01\x01", "EV", "extendedValidation")             \
	X(OID_POLICY_DV, "\x67\x81\x0c\x01\x02\x01", "DV", "domainValidated")            \
	X(OID_POLICY_OV, "\x67\x81\x0c\x01\x02\x02", "OV", "organizationValidated")      \
	X(OID_POLICY_IV, "\x67\x81\x0c\x01\x02\x03", "IV", "individualValidated")        \
	X(OID_QUALIFIER_CPS, "\x2b\x06\x01\x05\x05\x07\x02\x01", "CPS", "cps")           \
	X(OID_QUALIFIER_USER_NOTICE, "\x2b\x06\x01\x05\x05\x07\x02\x02", "UserNotice",   \
	    "userNotice")                                                                \
	X(OID_ACCESS_OCSP, "\x2b\x06\x01\x05\x05\x07\x30\x01", "OCSP", "ocsp")           \
	X(OID_ACCESS_CA_ISSUERS, "\x2b\x06\x01\x05\x05\x07\x30\x02", "caIssuers",        \
	    "caIssuers")                                                                 \
	/* keys and curves */                                                            \
	X(OID_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", "RSA", "rsaEncryption")       \
	X(OID_RSA_OAEP, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x07", "RSAES-OAEP",            \
	    "rsaesOaep")                                                                 \
	X(OID_RSA_PSS, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", "RSASSA-PSS",             \
	    "rsassaPss")                                                                 \
	X(OID_DSA, "\x2a\x86\x48\xce\x38\x04\x01", "DSA", "dsa")                         \
	X(OID_EC, "\x2a\x86\x48\xce\x3d\x02\x01", "EC", "ecPublicKey")                   \
	X(OID_DH, "\x2a\x86\x48\xce\x3e\x02\x01", "DH", "dhPublicNumber")                \
	X(OID_X25519, "\x2b\x65\x6e", "X25519", "x25519")                                \
	X(OID_X448, "\x2b\x65\x6f", "X448", "x448")                                      \
	X(OID_ED25519, "\x2b\x65\x70", "Ed25519", "ed25519")                             \
	X(OID_ED448, "\x2b\x65\x71", "Ed448", "ed448")                                   \
	X(OID_ML_DSA_44, "\x60\x86\x48\x01\x65\x03\x04\x03\x11", "ML-DSA-44", "mlDsa44") \
	X(OID_ML_DSA_65, "\x60\x86\x48\x01\x65\x03\x04\x03\x12", "ML-DSA-65", "mlDsa65") \
	X(OID_ML_DSA_87, "\x60\x86\x48\x01\x65\x03\x04\x03\x13", "ML-DSA-87", "mlDsa87") \
	X(OID_GOST_2001, "\x2a\x85\x03\x02\x02\x13", "GOST2001", "gostR3410x2001")       \
	X(OID_GOST_2012_256, "\x2a\x85\x03\x07\x01\x01\x01\x01", "GOST2012-256",         \
	    "gostR3410x2012x256")                                                        \
	X(OID_GOST_2012_512, "\x2a\x85\x03\x07\x01\x01\x01\x02", "GOST2012-512",         \
	    "gostR3410x2012x512")                                                        \
	X(OID_P192, "\x2a\x86\x48\xce\x3d\x03\x01\x01", "P-192", "secp192r1")            \
	X(OID_P224, "\x2b\x81\x04\x00\x21", "P-224", "secp224r1")                        \
	X(OID_P256, "\x2a\x86\x48\xce\x3d\x03\x01\x07", "P-256", "secp256r1")            \
	X(OID_P384, "\x2b\x81\x04\x00\x22", "P-384", "secp384r1")                        \
	X(OID_P521, "\x2b\x81\x04\x00\x23", "P-521", "secp521r1")                        \
	X(OID_SECP256K1, "\x2b\x81\x04\x00\x0a", "secp256k1", "secp256k1")               \
	X(OID_SM2, "\x2a\x81\x1c\xcf\x55\x01\x82\x2d", "SM2", "sm2p256v1")               \
	X(OID_BRAINPOOL_P160R1, "\x2b\x24\x03\x03\x02\x08\x01\x01\x01",                  \
	    "brainpoolP160r1", "brainpoolP160r1")                                        \
	X(OID_BRAINPOOL_P192R1, "\x2b\x24\x03\x03\x02\x08\x01\x01\x03",                  \
	    "brainpoolP192r1", "brainpoolP192r1")                                        \
	X(OID_BRAINPOOL_P224R1, "\x2b\x24\x03\x03\x02\x08\x01\x01\x05",                  \
	    "brainpoolP224r1", "brainpoolP224r1")                                        \
	X(OID_BRAINPOOL_P256R1, "\x2b\x24\x03\x03\x02\x08\x01\x01\x07",                  \
	    "brainpoolP256r1", "brainpoolP256r1")                                        \
	X(OID_BRAINPOOL_P320R1, "\x2b\x24\x03\x03\x02\x08\x01\x01\x09",                  \
	    "brainpoolP320r1", "brainpoolP320r1")                                        \
	X(OID_BRAINPOOL_P384R1, "\x2b\x24\x03\x03\x02\x08\x01\x01\x0b",                  \
	    "brainpoolP384r1", "brainpoolP384r1")                                        \
	X(OID_BRAINPOOL_P512R1, "\x2b\x24\x03\x03\x02\x08\x01\x01\x0d",                  \
	    "brainpoolP512r1", "brainpoolP512r1")                                        \
	/* signatures */                                                                 \
	X(OID_MD2_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02", "md2RSA",                 \
	    "md2WithRSAEncryption")                                                      \
	X(OID_MD4_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x03", "md4RSA",                 \
	    "md4WithRSAEncryption")                                                      \
	X(OID_MD5_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04", "md5RSA",                 \
	    "md5WithRSAEncryption")                                                      \
	X(OID_SHA1_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05", "sha1RSA",               \
	    "sha1WithRSAEncryption")                                                     \
	X(OID_SHA256_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", "sha256RSA",           \
	    "sha256WithRSAEncryption")                                                   \
	X(OID_SHA384_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", "sha384RSA",           \
	    "sha384WithRSAEncryption")                                                   \
	X(OID_SHA512_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", "sha512RSA",           \
	    "sha512WithRSAEncryption")                                                   \
	X(OID_SHA224_RSA, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0e", "sha224RSA",           \
	    "sha224WithRSAEncryption")                                                   \
	X(OID_OIW_MD4_RSA, "\x2b\x0e\x03\x02\x02", "md4RSA-OIW", "md4WithRSA")           \
	X(OID_OIW_MD5_RSA, "\x2b\x0e\x03\x02\x03", "md5RSA-OIW", "md5WithRSA")           \
	X(OID_OIW_MD5_RSA_SIGNATURE, "\x2b\x0e\x03\x02\x19", "md5RSASig-OIW",            \
	    "md5WithRSASignature")                                                       \
	X(OID_OIW_SHA1_RSA, "\x2b\x0e\x03\x02\x1d", "sha1RSA-OIW", "sha1WithRSA")        \
	X(OID_DSA_SHA1, "\x2a\x86\x48\xce\x38\x04\x03", "sha1DSA", "dsaWithSHA1")        \
	X(OID_DSA_SHA224, "\x60\x86\x48\x01\x65\x03\x04\x03\x01", "sha224DSA",           \
	    "dsaWithSHA224")                                                             \
	X(OID_DSA_SHA256, "\x60\x86\x48\x01\x65\x03\x04\x03\x02", "sha256DSA",           \
	    "dsaWithSHA256")                                                             \
	X(OID_ECDSA_SHA1, "\x2a\x86\x48\xce\x3d\x04\x01", "ecdsaSHA1", "ecdsaWithSHA1")  \
	X(OID_ECDSA_SHA224, "\x2a\x86\x48\xce\x3d\x04\x03\x01", "ecdsaSHA224",           \
	    "ecdsaWithSHA224")                                                           \
	X(OID_ECDSA_SHA256, "\x2a\x86\x48\xce\x3d\x04\x03\x02", "ecdsaSHA256",           \
	    "ecdsaWithSHA256")                                                           \
	X(OID_ECDSA_SHA384, "\x2a\x86\x48\xce\x3d\x04\x03\x03", "ecdsaSHA384",           \
	    "ecdsaWithSHA384")                                                           \
	X(OID_ECDSA_SHA512, "\x2a\x86\x48\xce\x3d\x04\x03\x04", "ecdsaSHA512",           \
	    "ecdsaWithSHA512")                                                           \
	X(OID_SM3_SM2, "\x2a\x81\x1c\xcf\x55\x01\x83\x75", "sm3SM2", "sm2SignWithSM3")   \
	X(OID_SM3_RSA, "\x2a\x81\x1c\xcf\x55\x01\x83\x78", "sm3RSA", "rsaSignWithSM3")   \
	/* hashes and PSS */                                                             \
	X(OID_SHA1, "\x2b\x0e\x03\x02\x1a", "SHA-1", "sha1")                             \
	X(OID_SHA256, "\x60\x86\x48\x01\x65\x03\x04\x02\x01", "SHA-256", "sha256")       \
	X(OID_SHA384, "\x60\x86\x48\x01\x65\x03\x04\x02\x02", "SHA-384", "sha384")       \
	X(OID_SHA512, "\x60\x86\x48\x01\x65\x03\x04\x02\x03", "SHA-512", "sha512")       \
	X(OID_MGF1, "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08", "MGF1", "mgf1")

enum oid {
	OID_UNKNOWN,
#define OID_ENUM(name, octets, short_name, long_name) name,
	OID_TABLE(OID_ENUM)
#undef OID_ENUM
	    OID_COUNT
};

enum oid oid_find(struct bytes octets); /* OID_UNKNOWN: not in the table */

struct bytes oid_octets(enum oid);
const char *oid_short_name(enum oid); /* "CN", "serverAuth"; "" for unknown */
const char *oid_long_name(enum oid);  /* "commonName" */

/* Finds by short or long name without regard to case: for configuration. */
enum oid oid_by_name(struct bytes name);

/* Appends "1.2.840.113549"; arcs over 64 bits and broken octets as hex with a
 * leading "#". */
bool oid_append_dotted(struct buf *out, struct bytes octets);

/* Appends the short name where known, else the dotted text. */
bool oid_append_name(struct buf *out, struct bytes octets);

/* Content octets of "1.2.840": for configuration. Appends. */
MUST_CHECK bool oid_parse_dotted(const char *text, struct buf *out);
