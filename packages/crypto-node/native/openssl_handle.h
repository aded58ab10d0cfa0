// Owning handles for OpenSSL objects, and the byte types that cross between the parts.
#pragma once

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

namespace causeway::crypto {

using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

template <auto Free>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

template <typename T, auto Free>
using Handle = std::unique_ptr<T, Releaser<Free>>;

using BignumPtr = Handle<BIGNUM, &BN_clear_free>;
using BignumContextPtr = Handle<BN_CTX, &BN_CTX_free>;
using CipherContextPtr = Handle<EVP_CIPHER_CTX, &EVP_CIPHER_CTX_free>;
using CipherPtr = Handle<EVP_CIPHER, &EVP_CIPHER_free>;
using DigestContextPtr = Handle<EVP_MD_CTX, &EVP_MD_CTX_free>;
using DigestPtr = Handle<EVP_MD, &EVP_MD_free>;
using GroupPtr = Handle<EC_GROUP, &EC_GROUP_free>;
using KeyContextPtr = Handle<EVP_PKEY_CTX, &EVP_PKEY_CTX_free>;
using KeyPtr = Handle<EVP_PKEY, &EVP_PKEY_free>;
using MacContextPtr = Handle<EVP_MAC_CTX, &EVP_MAC_CTX_free>;
using MacPtr = Handle<EVP_MAC, &EVP_MAC_free>;
using PointPtr = Handle<EC_POINT, &EC_POINT_clear_free>;

// OpenSSL's error queue is shared with Node on this thread. Every entry point starts with it empty and
// leaves it empty, so that neither side reads the other's errors.
struct ErrorQueueGuard {
  ErrorQueueGuard() { ERR_clear_error(); }
  ~ErrorQueueGuard() { ERR_clear_error(); }
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

// For what cannot fail but by lack of memory, or in an OpenSSL that was built without it.
inline void require(bool done, const char* what) {
  if (done) return;
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  throw std::runtime_error(std::string(what) + ": " + (reason ? reason : "OpenSSL gives no reason"));
}

}  // namespace causeway::crypto
