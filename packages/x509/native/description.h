// What a certificate says about itself, for people and for matching.
#pragma once

#include <optional>
#include <string>

#include "openssl_handle.h"

namespace causeway::x509 {

struct AlternativeName {
  const char* type;  // dns, ip, email or uri
  std::string value;
};

struct Description {
  std::string subject;
  std::string issuer;
  std::optional<std::string> commonName;
  std::string serialNumber;
  std::int64_t notBefore = 0;  // unix seconds
  std::int64_t notAfter = 0;
  std::string thumbprint;
  std::vector<AlternativeName> alternativeNames;
  std::string keyType;
  int keyBits = 0;
  std::vector<std::string> extendedKeyUsages;  // dotted OIDs
  bool isCa = false;
};

// Nothing when the bytes are not one certificate, or when a date or an extension in it cannot be read.
std::optional<Description> describe(ByteView der);

// The same of a certificate that was read from these bytes.
std::optional<Description> describe(X509* certificate, ByteView der);

}  // namespace causeway::x509
