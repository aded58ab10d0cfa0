#include "connection.h"

#include <array>
#include <stdexcept>
#include <utility>

namespace causeway::control_tls {

namespace {

constexpr std::size_t kRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;
constexpr const char* kTooMuch = "the peer sends more than TLS can take";

Bytes encode(const X509* certificate) {
  const int length = i2d_X509(certificate, nullptr);
  if (length <= 0) return {};
  Bytes der(static_cast<std::size_t>(length));
  auto* cursor = der.data();
  i2d_X509(certificate, &cursor);
  return der;
}

bool exportKey(SSL* ssl, const Export& wanted, Bytes& material) {
  const auto& [label, bytes, context] = wanted;
  const std::uint8_t* value = context ? context->data() : nullptr;
  const std::size_t size = context ? context->size() : 0;
  return SSL_export_keying_material(ssl, material.data(), bytes, label.data(), label.size(), value, size,
                                    context ? 1 : 0) == 1;
}

}  // namespace

Connection::Connection(std::shared_ptr<const Context> context)
    : context_(std::move(context)), ssl_(SSL_new(context_->ssl.get())) {
  const ErrorQueueGuard guard;
  BioPtr wire = openRecordBio(wire_);
  if (!ssl_ || !wire) throw std::runtime_error("no memory for a TLS connection");
  // One BIO is both directions: SSL_set_bio takes one reference for the two.
  SSL_set_bio(ssl_.get(), wire.get(), wire.get());
  wire.release();
  SSL_set_msg_callback_arg(ssl_.get(), this);
  if (!context_->serverName.empty() && SSL_set_tlsext_host_name(ssl_.get(), context_->serverName.c_str()) != 1)
    throw std::runtime_error("no memory for a TLS connection");
  if (context_->role == Role::server) SSL_set_accept_state(ssl_.get());
  if (context_->role == Role::client) SSL_set_connect_state(ssl_.get());
}

Report Connection::input(ByteView records) {
  const ErrorQueueGuard guard;
  Report report;
  if (failed_) return report;
  wire_.incoming = records;
  if (!established_) {
    handshakeBytes_ += records.size();
    if (handshakeBytes_ > context_->limits.handshakeBytes) wire_.stopped = true;
    shakeHands(report);
  }
  if (established_) read(report);
  wire_.incoming = {};
  report.records = std::exchange(wire_.outgoing, {});
  return report;
}

Report Connection::write(ByteView plaintext) {
  const ErrorQueueGuard guard;
  Report report;
  if (failed_ || ended_ || plaintext.empty()) return report;
  std::size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), plaintext.data(), plaintext.size(), &written);
  if (result != 1) fail(report, result);
  report.records = std::exchange(wire_.outgoing, {});
  return report;
}

Report Connection::end() {
  const ErrorQueueGuard guard;
  Report report;
  if (failed_ || ended_ || !established_) return report;
  ended_ = true;
  SSL_shutdown(ssl_.get());
  report.records = std::exchange(wire_.outgoing, {});
  return report;
}

std::unique_ptr<ReleasedTls> Connection::release() {
  const ErrorQueueGuard guard;
  auto released = std::make_unique<ReleasedTls>();
  // Both point to what is freed with this object.
  SSL_set_bio(ssl_.get(), nullptr, nullptr);
  SSL_set_msg_callback_arg(ssl_.get(), nullptr);
  const std::size_t most = context_->limits.laterMessages;
  released->laterMessages = laterMessages_ < most ? most - laterMessages_ : 0;
  released->ssl = ssl_.release();
  failed_ = true;
  return released;
}

void Connection::shakeHands(Report& report) {
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return fail(report, result);
  std::optional<Established> established = describe();
  if (!established) {
    failed_ = true;
    report.failure = "the keys of TLS cannot be exported";
    return;
  }
  established_ = true;
  report.established = std::move(established);
}

void Connection::read(Report& report) {
  std::array<std::uint8_t, kRecordBytes> record;
  std::size_t size = 0;
  int result = 0;
  while ((result = SSL_read_ex(ssl_.get(), record.data(), record.size(), &size)) == 1) {
    report.plaintext.insert(report.plaintext.end(), record.begin(), record.begin() + size);
    OPENSSL_cleanse(record.data(), size);
  }
  fail(report, result);
}

void Connection::fail(Report& report, int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ && !wire_.stopped) return;
  failed_ = true;
  report.failure = queuedReason();
  if (wire_.stopped) report.failure = kTooMuch;
  if (error == SSL_ERROR_ZERO_RETURN) report.failure = "the peer closed the TLS connection";
  if (report.failure.empty()) report.failure = "TLS failed";
}

/** Nothing when a key cannot be exported: then there is no connection, and never one with a key of zeros. */
std::optional<Established> Connection::describe() const {
  Established established{
      .version = SSL_get_version(ssl_.get()),
      .cipher = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl_.get())),
      .chain = chain(),
      .exports = {},
  };
  for (const Export& wanted : context_->exports) {
    if (!exportKey(ssl_.get(), wanted, established.exports.emplace_back(wanted.bytes))) return std::nullopt;
  }
  return established;
}

std::vector<Bytes> Connection::chain() const {
  std::vector<Bytes> chain;
  const X509* leaf = SSL_get0_peer_certificate(ssl_.get());
  if (leaf == nullptr) return chain;
  chain.push_back(encode(leaf));
  const STACK_OF(X509)* sent = SSL_get_peer_cert_chain(ssl_.get());
  // A client's list begins with the server's own certificate, a server's list does not.
  for (int i = context_->role == Role::client ? 1 : 0;
       i < sk_X509_num(sent) && chain.size() < context_->limits.chainLength; i++) {
    chain.push_back(encode(sk_X509_value(sent, i)));
  }
  return chain;
}

void countMessage(int sent, int, int type, const void*, std::size_t, SSL*, void* connection) {
  auto* self = static_cast<Connection*>(connection);
  if (self == nullptr || sent != 0 || type != SSL3_RT_HANDSHAKE || !self->established_) return;
  if (++self->laterMessages_ > self->context_->limits.laterMessages) self->wire_.stopped = true;
}

}  // namespace causeway::control_tls
