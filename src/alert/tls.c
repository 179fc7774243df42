#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "alert/link.h"
#include "base/mem.h"
#include "crypto/failed.h"

struct tls_context {
	SSL_CTX *context;
};

struct tls {
	SSL *ssl;
	bool up; /* the handshake is done */
};

struct tls_context *
tls_context_new(const char *ca_file, struct err *err)
{
	struct tls_context *self = mem_zero(1, sizeof(*self));
	SSL_CTX *context = self->context = SSL_CTX_new(TLS_client_method());

	if (context == NULL ||
	    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1) {
		crypto_failed(err, ERR_CRYPTO, "tls: cannot set up a client");
		goto failed;
	}
	if (ca_file != NULL && SSL_CTX_load_verify_file(context, ca_file) != 1) {
		crypto_failed(err, ERR_CONFIG, "%s: no certificates to trust", ca_file);
		goto failed;
	}
	if (ca_file == NULL && SSL_CTX_set_default_verify_paths(context) != 1) {
		crypto_failed(err, ERR_CONFIG, "tls: no system certificates to trust");
		goto failed;
	}
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(
	    context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	return self;
failed:
	tls_context_free(self);
	return NULL;
}

void
tls_context_free(struct tls_context *self)
{
	if (self == NULL)
		return;
	SSL_CTX_free(self->context);
	mem_free(self);
}

/* RFC 5425, 5.2: the name or the address that was configured, and no other. */
static bool
expect_host(SSL *ssl, const char *host)
{
	X509_VERIFY_PARAM *param = SSL_get0_param(ssl);

	if (X509_VERIFY_PARAM_set1_ip_asc(param, host) == 1)
		return true;
	SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

struct tls *
tls_new(struct tls_context *context, int fd, const char *host, struct err *err)
{
	struct tls *tls = mem_zero(1, sizeof(*tls));

	tls->ssl = SSL_new(context->context);
	if (tls->ssl == NULL || SSL_set_fd(tls->ssl, fd) != 1 ||
	    !expect_host(tls->ssl, host)) {
		crypto_failed(err, ERR_CRYPTO, "tls: cannot set up a connection");
		tls_free(tls);
		return NULL;
	}
	crypto_forget(); /* a name is no address: that is no failure */
	SSL_set_connect_state(tls->ssl);
	return tls;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	crypto_forget();
	if (tls->up)
		SSL_shutdown(tls->ssl);
	SSL_free(tls->ssl);
	crypto_forget();
	mem_free(tls);
}

static enum tls_step
failed(struct tls *tls, int reason, struct err *err)
{
	long verdict = SSL_get_verify_result(tls->ssl);
	bool closed = reason == SSL_ERROR_ZERO_RETURN ||
	    (reason == SSL_ERROR_SYSCALL && ERR_peek_error() == 0);

	if (reason == SSL_ERROR_SSL || reason == SSL_ERROR_SYSCALL)
		tls->up = false; /* no goodbye after these */
	if (!SSL_is_init_finished(tls->ssl) && verdict != X509_V_OK) {
		crypto_forget();
		err_set(err, ERR_VERIFY,
		    "tls: the server's certificate does not hold: %s",
		    X509_verify_cert_error_string(verdict));
	} else if (closed) {
		err_set(err, ERR_REMOTE, "tls: the server closed the connection");
	} else {
		crypto_failed(err, ERR_REMOTE, "tls: the connection failed");
	}
	return TLS_FAILED;
}

static enum tls_step
step_of(struct tls *tls, int returned, struct err *err)
{
	int reason = SSL_get_error(tls->ssl, returned);

	switch (reason) {
	case SSL_ERROR_NONE:
		return TLS_DONE;
	case SSL_ERROR_WANT_READ:
		return TLS_WANTS_READ;
	case SSL_ERROR_WANT_WRITE:
		return TLS_WANTS_WRITE;
	default:
		return failed(tls, reason, err);
	}
}

enum tls_step
tls_handshake(struct tls *tls, struct err *err)
{
	enum tls_step step;

	ERR_clear_error();
	step = step_of(tls, SSL_do_handshake(tls->ssl), err);
	tls->up = step == TLS_DONE;
	return step;
}

enum tls_step
tls_write(struct tls *tls, struct bytes data, size_t *taken, struct err *err)
{
	*taken = 0;
	ERR_clear_error();
	return step_of(tls, SSL_write_ex(tls->ssl, data.data, data.len, taken), err);
}

enum tls_step
tls_read_away(struct tls *tls, struct err *err)
{
	char away[1024];
	size_t got;

	ERR_clear_error();
	return step_of(tls, SSL_read_ex(tls->ssl, away, sizeof(away), &got), err);
}
