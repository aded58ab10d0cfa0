#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <vector>

#include "stream-output.h"

namespace causeway {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};

/**
 * The established TLS connection of a stream: records in, plaintext out, and the other way. Records come from
 * memory that is lent for a call and go to memory that is taken, so that an idle connection keeps none. Names
 * no TLS version. For the JavaScript thread alone: OpenSSL's error queue is shared with Node there.
 */
class TlsSession {
 public:
  enum class State : uint8_t {
    kOpen,
    /** The peer said that nothing follows. */
    kEnded,
    kFailed,
  };

  /** What `open` needs to have room for: the largest record. */
  static constexpr size_t kRecordBytes = SSL3_RT_MAX_PLAIN_LENGTH;

  /**
   * Takes an established connection that has no BIO. `laterMessages`: TLS messages other than data that the
   * peer may still send. Errors: std::bad_alloc.
   */
  TlsSession(std::unique_ptr<SSL, FreeSsl> ssl, size_t laterMessages);
  TlsSession(const TlsSession&) = delete;

  /** Lends records that came. `read` gives what is in them; what is left of a record that is cut is kept. */
  void lend(Bytes records) { incoming_ = records; }
  /** Opens records until they or the room for another one are used up; gives how many bytes they brought. */
  size_t read(MutableBytes plaintext);
  State state() const { return state_; }
  /** Why it failed, in words. */
  const std::string& failure() const { return failure_; }

  /**
   * Makes records of SSTP packets, of one each or of as many as fit, and appends them to what is taken next.
   * No packet is cut. Stops after `most` bytes. Gives how many bytes it made records of.
   */
  size_t write(Bytes plaintext, size_t most, bool recordPerPacket);
  /** Tells the peer that nothing follows; once. */
  void end();
  /** Records for the peer; without memory when there are none. */
  TakenOutput take();
  bool hasOutput() const { return outgoing_.length > 0; }

 private:
  static const BIO_METHOD* method();
  static int readRecords(BIO* bio, char* target, size_t size, size_t* taken);
  static int writeRecords(BIO* bio, const char* source, size_t size, size_t* taken);
  static void countMessage(int sent, int version, int type, const void* bytes, size_t size, SSL* ssl,
                           void* session);
  bool reserve(size_t more);
  void fail(int result);

  Bytes incoming_;
  TakenOutput outgoing_;
  size_t capacity_ = 0;
  size_t laterMessages_;
  State state_ = State::kOpen;
  bool tooMuch_ = false;
  bool endSent_ = false;
  std::string failure_;
  /** Last: its BIO points to the above. */
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

}  // namespace causeway
