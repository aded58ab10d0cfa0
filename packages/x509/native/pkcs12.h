// PKCS#12 (RFC 7292): a private key with its certificates, under a password.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "openssl_handle.h"

namespace causeway::x509 {

struct Pkcs12Contents {
  Bytes privateKey;  // PKCS#8 DER, not encrypted
  Bytes certificate;
  std::vector<Bytes> chain;
};

enum class Pkcs12Fault {
  malformed,
  noMac,
  tooManyIterations,
  wrongPassword,
  needsLegacyProvider,
  noKey,
  noCertificate,
  badKey,
  keyMismatch,
};

// The name that the TypeScript face maps to a message.
const char* faultName(Pkcs12Fault fault);

// A file without a MAC is refused: nothing would vouch for what it holds. `maximumIterations` bounds the
// work that the file's MAC may ask for; what is inside is only touched once the MAC is right.
std::variant<Pkcs12Contents, Pkcs12Fault> parsePkcs12(ByteView file, const std::string& password,
                                                      long maximumIterations);

// Encrypts with PBES2 (PBKDF2-HMAC-SHA256, AES-256-CBC) and adds an HMAC-SHA256 MAC.
std::variant<Bytes, Pkcs12Fault> createPkcs12(const Pkcs12Contents& contents, const std::string& password,
                                              const std::string& friendlyName, int iterations);

}  // namespace causeway::x509
