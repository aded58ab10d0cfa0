// What the judgement of a site-to-site certificate asks of it beyond its description.
#pragma once

#include <optional>
#include <string>

#include "openssl_handle.h"

namespace causeway::x509 {

struct PathFacts {
  std::optional<std::uint32_t> keyUsage;  // the KU_ bits of x509v3.h; nothing when the extension is absent
  std::string signatureDigest;            // OpenSSL's short name, such as SHA256; empty where there is none
  bool isSelfSigned = false;              // and the signature verifies
  std::vector<std::string> ocspUris;      // of authorityInfoAccess
  std::vector<std::string> crlUris;       // of cRLDistributionPoints
};

// Nothing when the bytes are not one certificate.
std::optional<PathFacts> pathFacts(ByteView der);

}  // namespace causeway::x509
