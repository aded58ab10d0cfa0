// Certificates that were read before: reading a key costs OpenSSL more than all else of validating a short chain,
// and clients come back.
#pragma once

#include <list>
#include <string_view>
#include <unordered_map>

#include "openssl_handle.h"

namespace causeway::x509 {

// For one thread.
class KnownCertificates {
 public:
  // Null when it is not known.
  X509Ptr find(ByteView der);

  // The least recently used one leaves when there are too many.
  void remember(ByteView der, X509* certificate);

 private:
  struct Entry {
    Bytes der;
    X509Ptr certificate;
  };

  std::list<Entry> entries_;  // the most recently used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> byDer_;
};

}  // namespace causeway::x509
