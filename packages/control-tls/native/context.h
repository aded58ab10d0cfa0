// One TLS context: a role, its credentials and its policy.
#pragma once

#include <optional>
#include <string>

#include "openssl_handle.h"

namespace causeway::control_tls {

enum class Role { client, server };

// Keying material to export: RFC 5705's label and context value, and how much of it.
struct Export {
  std::string label;
  std::size_t bytes = 0;
  std::optional<Bytes> context;  // none is not the same as an empty one
};

struct Limits {
  // Bytes from the peer before the handshake has ended.
  std::size_t handshakeBytes = 0;
  // Bytes of the peer's Certificate message.
  long certificateBytes = 0;
  // Certificates of the peer's chain that are handed up.
  std::size_t chainLength = 0;
  // TLS messages other than data that a peer may send after the handshake.
  std::size_t laterMessages = 0;
};

struct Settings {
  Role role = Role::server;
  std::string certificateChain;  // PEM, leaf first; may be empty
  std::string privateKey;        // PEM; may be empty
  int minimum = TLS1_2_VERSION;
  int maximum = TLS1_3_VERSION;
  std::string ciphers;  // OpenSSL's names, TLS 1.2
  std::string suites;   // OpenSSL's names, TLS 1.3
  std::string groups;   // OpenSSL's names
  bool requestsCertificate = true;  // of a server: asks clients for theirs
  std::string serverName;           // of a client: what it asks for (SNI); may be empty
  std::vector<Export> exports;
  Limits limits;
};

struct Context {
  SslContextPtr ssl;
  Role role = Role::server;
  std::vector<Export> exports;
  Limits limits;
  std::string serverName;
};

// Errors: std::runtime_error that says what OpenSSL does not take.
std::shared_ptr<const Context> createContext(const Settings& settings);

// What OpenSSL's queue says, in OpenSSL's words, and TLS's own before others; empty when it is. Empties it.
std::string queuedReason();

}  // namespace causeway::control_tls
