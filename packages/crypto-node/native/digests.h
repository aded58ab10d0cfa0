// Hashes and HMAC. The contexts stay, so that a call costs the hashing and not their making; the one of HMAC
// thereby keeps its last key until the next.
#pragma once

#include <array>

#include "openssl_handle.h"

namespace causeway::crypto {

// By the numbers that TypeScript knows them by: MD5, SHA-1, SHA-256, SHA-384, SHA-512.
constexpr std::size_t kDigests = 5;

class Digests {
 public:
  Digests();
  // Both write to the start of `result`, which may be where key and data are, and give back how many bytes.
  // `digest` is below kDigests.
  std::size_t hash(std::size_t digest, ByteView data, ByteSpan result);
  std::size_t hmac(std::size_t digest, ByteView key, ByteView data, ByteSpan result);

 private:
  std::array<DigestPtr, kDigests> digests_;
  std::array<MacContextPtr, kDigests> macs_;
  DigestContextPtr context_;
};

}  // namespace causeway::crypto
