// Owning handles for OpenSSL objects, and the byte types that cross between the parts.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace causeway::control_tls {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

template <auto Free>
struct Releaser {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

template <typename T, auto Free>
using Handle = std::unique_ptr<T, Releaser<Free>>;

using BioPtr = Handle<BIO, &BIO_free_all>;
using KeyPtr = Handle<EVP_PKEY, &EVP_PKEY_free>;
using SslContextPtr = Handle<SSL_CTX, &SSL_CTX_free>;
using SslPtr = Handle<SSL, &SSL_free>;
using X509Ptr = Handle<X509, &X509_free>;

// OpenSSL's error queue is shared with Node on this thread. Every entry point starts with it empty and
// leaves it empty, so that neither side reads the other's errors.
struct ErrorQueueGuard {
  ErrorQueueGuard() { ERR_clear_error(); }
  ~ErrorQueueGuard() { ERR_clear_error(); }
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

}  // namespace causeway::control_tls
