// Which public keys a certificate in a chain may hold.
#pragma once

#include <optional>
#include <string>

#include "openssl_handle.h"

namespace causeway::x509 {

struct KeyFault {
  const char* reason;  // a ValidationReason
  std::string detail;
};

// Nothing when the key is good: RSA of 2048 bits or more with an odd exponent of at least 65537, ECDSA on
// P-256, P-384 or P-521 by name, Ed25519 or Ed448.
std::optional<KeyFault> checkKey(const X509* certificate);

// True when verifying with this key would cost a stranger little and us much.
bool isCostlyKey(const X509* certificate);

}  // namespace causeway::x509
