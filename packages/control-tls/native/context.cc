#include "context.h"

#include <openssl/pem.h>

#include <stdexcept>

#include "connection.h"

namespace causeway::control_tls {

namespace {

void require(bool done, const char* what) {
  if (done) return;
  const std::string reason = queuedReason();
  throw std::runtime_error(reason.empty() ? std::string(what) : std::string(what) + ": " + reason);
}

// OpenSSL would ask for it on the terminal.
int noPassword(char*, int, int, void*) { return 0; }

BioPtr textBio(const std::string& text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void useChain(SSL_CTX* context, const std::string& pem) {
  const BioPtr text = textBio(pem);
  const X509Ptr leaf(PEM_read_bio_X509(text.get(), nullptr, noPassword, nullptr));
  require(leaf && SSL_CTX_use_certificate(context, leaf.get()) == 1, "the certificate");
  while (X509* next = PEM_read_bio_X509(text.get(), nullptr, noPassword, nullptr)) {
    X509Ptr owned(next);
    require(SSL_CTX_add0_chain_cert(context, next) == 1, "the certificate chain");
    owned.release();
  }
  const unsigned long end = ERR_peek_last_error();
  require(ERR_GET_REASON(end) == PEM_R_NO_START_LINE, "the certificate chain");
  ERR_clear_error();
}

void useKey(SSL_CTX* context, const std::string& pem) {
  const BioPtr text = textBio(pem);
  const KeyPtr key(PEM_read_bio_PrivateKey(text.get(), nullptr, noPassword, nullptr));
  require(key && SSL_CTX_use_PrivateKey(context, key.get()) == 1, "the private key");
  require(SSL_CTX_check_private_key(context) == 1, "the private key");
}

// The chain is handed up unjudged: the trust store validates it before anything in it is acted on.
int acceptUnjudged(X509_STORE_CTX*, void*) { return 1; }

void usePolicy(SSL_CTX* context, const Settings& settings) {
  require(SSL_CTX_set_min_proto_version(context, settings.minimum) == 1, "the lowest TLS version");
  require(SSL_CTX_set_max_proto_version(context, settings.maximum) == 1, "the highest TLS version");
  require(settings.ciphers.empty() || SSL_CTX_set_cipher_list(context, settings.ciphers.c_str()) == 1,
          "the TLS 1.2 ciphers");
  require(SSL_CTX_set_ciphersuites(context, settings.suites.c_str()) == 1, "the TLS 1.3 suites");
  require(SSL_CTX_set1_groups_list(context, const_cast<char*>(settings.groups.c_str())) == 1, "the groups");
}

// Sessions are never resumed and TLS is never renegotiated: OpenVPN makes a new connection for each key, and
// EAP-TLS judges the certificate each time. Without tickets, nothing follows a TLS 1.3 handshake but data.
void useHabits(SSL_CTX* context, const Settings& settings) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_cert_list(context, settings.limits.certificateBytes);
  const bool asks = settings.role == Role::client || settings.requestsCertificate;
  SSL_CTX_set_verify(context, asks ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_cert_verify_callback(context, acceptUnjudged, nullptr);
  SSL_CTX_set_msg_callback(context, countMessage);
}

}  // namespace

std::shared_ptr<const Context> createContext(const Settings& settings) {
  const ErrorQueueGuard guard;
  SslContextPtr ssl(SSL_CTX_new(settings.role == Role::server ? TLS_server_method() : TLS_client_method()));
  require(ssl != nullptr, "no TLS context");
  useHabits(ssl.get(), settings);
  usePolicy(ssl.get(), settings);
  if (!settings.certificateChain.empty()) useChain(ssl.get(), settings.certificateChain);
  if (!settings.privateKey.empty()) useKey(ssl.get(), settings.privateKey);
  return std::make_shared<const Context>(
      Context{std::move(ssl), settings.role, settings.exports, settings.limits, settings.serverName});
}

std::string queuedReason() {
  unsigned long first = 0;
  unsigned long error = 0;
  // Below TLS there may be others, of what went wrong in a cipher or in a parser on the way.
  while ((error = ERR_get_error()) != 0 && ERR_GET_LIB(error) != ERR_LIB_SSL) {
    if (first == 0) first = error;
  }
  if (error == 0) error = first;
  if (error == 0) return {};
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : "error " + std::to_string(ERR_GET_REASON(error));
}

}  // namespace causeway::control_tls
