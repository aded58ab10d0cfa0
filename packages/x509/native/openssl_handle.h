// Owning handles for OpenSSL objects, and the byte types that cross between the parts.
#pragma once

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace causeway::x509 {

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

inline void freeCertificates(STACK_OF(X509) * certificates) { sk_X509_pop_free(certificates, X509_free); }
inline void freeExtendedKeyUsage(EXTENDED_KEY_USAGE* usages) { EXTENDED_KEY_USAGE_free(usages); }

using X509Ptr = Handle<X509, &X509_free>;
using X509CrlPtr = Handle<X509_CRL, &X509_CRL_free>;
using X509StorePtr = Handle<X509_STORE, &X509_STORE_free>;
using X509StoreCtxPtr = Handle<X509_STORE_CTX, &X509_STORE_CTX_free>;
using X509StackPtr = Handle<STACK_OF(X509), &freeCertificates>;
using ExtendedKeyUsagePtr = Handle<EXTENDED_KEY_USAGE, &freeExtendedKeyUsage>;
using GeneralNamesPtr = Handle<GENERAL_NAMES, &GENERAL_NAMES_free>;
using DistributionPointsPtr = Handle<CRL_DIST_POINTS, &CRL_DIST_POINTS_free>;
using AlgorithmPtr = Handle<X509_ALGOR, &X509_ALGOR_free>;
using BioPtr = Handle<BIO, &BIO_free_all>;
using BignumPtr = Handle<BIGNUM, &BN_free>;
using EcdsaSigPtr = Handle<ECDSA_SIG, &ECDSA_SIG_free>;
using EcGroupPtr = Handle<EC_GROUP, &EC_GROUP_free>;
using KeyPtr = Handle<EVP_PKEY, &EVP_PKEY_free>;
using Pkcs12Ptr = Handle<PKCS12, &PKCS12_free>;
using Pkcs8Ptr = Handle<PKCS8_PRIV_KEY_INFO, &PKCS8_PRIV_KEY_INFO_free>;

// OpenSSL's error queue is shared with Node on this thread. Every entry point starts with it empty and
// leaves it empty, so that neither side reads the other's errors.
struct ErrorQueueGuard {
  ErrorQueueGuard() { ERR_clear_error(); }
  ~ErrorQueueGuard() { ERR_clear_error(); }
  ErrorQueueGuard(const ErrorQueueGuard&) = delete;
  ErrorQueueGuard& operator=(const ErrorQueueGuard&) = delete;
};

}  // namespace causeway::x509
