// One TLS connection in memory, driven by its caller: no socket, no thread, no callback into JavaScript.
#pragma once

#include <optional>
#include <string>

#include "context.h"
#include "record_bio.h"
#include "released_tls.h"

namespace causeway::control_tls {

struct Established {
  const char* version = "";
  const char* cipher = "";   // IANA
  std::vector<Bytes> chain;  // DER, leaf first
  std::vector<Bytes> exports;
};

// What one step brought. Secrets in it are the caller's to wipe.
struct Report {
  std::optional<Established> established;
  Bytes records;
  Bytes plaintext;
  std::string failure;  // empty: none
};

class Connection {
 public:
  // Errors: std::runtime_error when memory is short.
  explicit Connection(std::shared_ptr<const Context> context);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Goes on with the handshake, and reads. The view is not kept.
  Report input(ByteView records);
  // Only when established.
  Report write(ByteView plaintext);
  // Tells the peer that nothing follows. Nothing before the connection is established.
  Report end();
  // Gives the connection away. Only when established; this object is of no use any more.
  std::unique_ptr<ReleasedTls> release();

  bool established() const { return established_; }
  bool failed() const { return failed_; }

 private:
  friend void countMessage(int, int, int, const void*, std::size_t, SSL*, void*);

  void shakeHands(Report& report);
  void read(Report& report);
  void fail(Report& report, int result);
  std::optional<Established> describe() const;
  std::vector<Bytes> chain() const;

  std::shared_ptr<const Context> context_;
  RecordWire wire_;
  SslPtr ssl_;
  std::size_t handshakeBytes_ = 0;
  std::size_t laterMessages_ = 0;
  bool established_ = false;
  bool failed_ = false;
  bool ended_ = false;
};

// OpenSSL calls it for each message of a connection; it bounds those after the handshake.
void countMessage(int sent, int version, int type, const void* bytes, std::size_t size, SSL* ssl,
                  void* connection);

}  // namespace causeway::control_tls
