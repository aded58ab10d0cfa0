#include "tls-session.h"

#include <openssl/err.h>

#include <algorithm>
#include <new>
#include <utility>

#include "sstp-format.h"

namespace causeway {

namespace {

/** What records add to their plaintext is this part of it, with GCM and large packets. More memory is found
 * if not. */
constexpr size_t kShareOfFullRecords = 256;
constexpr size_t kShareOfPacketRecords = 32;

/** Starts and leaves OpenSSL's error queue empty, so that neither side reads the other's errors. */
struct ErrorQueueGuard {
  ErrorQueueGuard() { ERR_clear_error(); }
  ~ErrorQueueGuard() { ERR_clear_error(); }
};

/** What OpenSSL says of the first error of TLS. */
std::string queuedReason() {
  unsigned long error = ERR_get_error();
  for (unsigned long next = error; next != 0; next = ERR_get_error()) {
    error = next;
    if (ERR_GET_LIB(next) == ERR_LIB_SSL) break;
  }
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason ? reason : "TLS failed";
}

/** Of the SSTP packet that stands first; all, where none does. */
size_t packetLength(Bytes plaintext) {
  const size_t length = plaintext.size() < kSstpHeaderLength ? 0 : sstpLength(plaintext.data());
  return length == 0 ? plaintext.size() : std::min(length, plaintext.size());
}

/** Of whole packets that one record holds. */
size_t fullLength(Bytes plaintext) {
  if (plaintext.size() <= TlsSession::kRecordBytes) return plaintext.size();
  size_t length = packetLength(plaintext);
  for (size_t next = length; next <= TlsSession::kRecordBytes && next < plaintext.size();
       next += packetLength(plaintext.subspan(next)))
    length = next;
  return length;
}

TlsSession& sessionOf(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

}  // namespace

TlsSession::TlsSession(std::unique_ptr<SSL, FreeSsl> ssl, size_t laterMessages)
    : laterMessages_(laterMessages), ssl_(std::move(ssl)) {
  const ErrorQueueGuard guard;
  BIO* bio = method() ? BIO_new(method()) : nullptr;
  if (!bio) throw std::bad_alloc();
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_msg_callback(ssl_.get(), countMessage);
  SSL_set_msg_callback_arg(ssl_.get(), this);
  // Its buffers go after each batch; this mode would let them go after each record.
  SSL_clear_mode(ssl_.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_set_options(ssl_.get(), SSL_OP_NO_RENEGOTIATION);
}

size_t TlsSession::read(MutableBytes plaintext) {
  const ErrorQueueGuard guard;
  size_t total = 0;
  while (state_ == State::kOpen && plaintext.size() - total >= kRecordBytes) {
    size_t length = 0;
    const int result = SSL_read_ex(ssl_.get(), plaintext.data() + total, kRecordBytes, &length);
    if (result != 1) {
      fail(result);
      break;
    }
    total += length;
  }
  SSL_free_buffers(ssl_.get());
  return total;
}

size_t TlsSession::write(Bytes plaintext, size_t most, bool recordPerPacket) {
  const ErrorQueueGuard guard;
  size_t total = 0;
  const size_t expected = std::min(plaintext.size(), most) + kRecordBytes;
  reserve(expected + expected / (recordPerPacket ? kShareOfPacketRecords : kShareOfFullRecords));
  while (total < std::min(most, plaintext.size()) && state_ != State::kFailed && !endSent_) {
    const Bytes rest = plaintext.subspan(total);
    const size_t length = recordPerPacket ? packetLength(rest) : fullLength(rest);
    size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), rest.data(), length, &written);
    if (result != 1) fail(result);
    total += length;
  }
  SSL_free_buffers(ssl_.get());
  return total;
}

void TlsSession::end() {
  const ErrorQueueGuard guard;
  if (state_ == State::kFailed || endSent_) return;
  endSent_ = true;
  SSL_shutdown(ssl_.get());
}

TakenOutput TlsSession::take() {
  capacity_ = 0;
  return std::exchange(outgoing_, {});
}

/** Makes room; without memory records are lost, and with them the connection. */
bool TlsSession::reserve(size_t more) {
  const size_t needed = outgoing_.length + more;
  if (needed <= capacity_) return true;
  const size_t capacity = std::max(needed, capacity_ + capacity_ / 2);
  uint8_t* memory = static_cast<uint8_t*>(realloc(outgoing_.memory.get(), capacity));
  if (!memory) return false;
  (void)outgoing_.memory.release();
  outgoing_.memory.reset(memory);
  capacity_ = capacity;
  return true;
}

void TlsSession::fail(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ && !tooMuch_) return;
  if (error == SSL_ERROR_ZERO_RETURN) {
    state_ = State::kEnded;
    return;
  }
  state_ = State::kFailed;
  failure_ = "TLS: " + (tooMuch_ ? "the peer sends more messages than it may" : queuedReason());
}

const BIO_METHOD* TlsSession::method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "TLS records of a stream");
    if (!made) return made;
    BIO_meth_set_read_ex(made, readRecords);
    BIO_meth_set_write_ex(made, writeRecords);
    BIO_meth_set_ctrl(made,
                      [](BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1L : 0L; });
    return made;
  }();
  return method;
}

int TlsSession::readRecords(BIO* bio, char* target, size_t size, size_t* taken) {
  TlsSession& self = sessionOf(bio);
  BIO_clear_retry_flags(bio);
  *taken = self.tooMuch_ ? 0 : std::min(size, self.incoming_.size());
  if (*taken == 0) {
    if (!self.tooMuch_) BIO_set_retry_read(bio);
    return 0;
  }
  memcpy(target, self.incoming_.data(), *taken);
  self.incoming_ = self.incoming_.subspan(*taken);
  return 1;
}

int TlsSession::writeRecords(BIO* bio, const char* source, size_t size, size_t* taken) {
  TlsSession& self = sessionOf(bio);
  BIO_clear_retry_flags(bio);
  *taken = 0;
  if (!self.reserve(size)) return 0;
  memcpy(self.outgoing_.memory.get() + self.outgoing_.length, source, size);
  self.outgoing_.length += size;
  *taken = size;
  return 1;
}

/** OpenSSL calls it for each message; those of the peer that are no data are bounded. */
void TlsSession::countMessage(int sent, int, int type, const void*, size_t, SSL*, void* session) {
  TlsSession& self = *static_cast<TlsSession*>(session);
  if (sent != 0 || type != SSL3_RT_HANDSHAKE) return;
  if (self.laterMessages_ == 0) self.tooMuch_ = true;
  else self.laterMessages_--;
}

}  // namespace causeway
