// A set of trust anchors, parsed once, against which chains are validated by X509_verify_cert.
#pragma once

#include <optional>
#include <string>

#include "description.h"
#include "known_certificates.h"
#include "openssl_handle.h"

namespace causeway::x509 {

// any: the caller judges the usages of the leaf; those of its issuers are judged as always.
enum class Purpose { client, server, any };

// none: never. available: where the issuer has a CRL in the store. leaf, all: a CRL is required.
enum class CrlCheck { none, available, leaf, all };

struct StoreOptions {
  bool partialChain = false;
  bool strict = false;
  int maximumIntermediates = 0;
};

struct VerifyRequest {
  ByteView leaf;
  std::vector<ByteView> intermediates;
  std::int64_t time = 0;
  Purpose purpose = Purpose::client;
  CrlCheck crlCheck = CrlCheck::available;
  bool requireExtendedKeyUsage = true;
};

struct Refusal {
  std::string reason;
  std::string detail;
  int depth = 0;
  std::string subject;
};

struct Validation {
  std::vector<Bytes> chain;         // leaf first, anchor last; empty when refused
  std::optional<Description> leaf;  // not when refused
  std::optional<Refusal> refusal;
};

class TrustStore {
 public:
  explicit TrustStore(StoreOptions options);

  // Each returns false when the bytes are not one certificate or CRL.
  bool addRoot(ByteView der);
  bool addIntermediate(ByteView der);
  bool addCrl(ByteView der);

  Validation verify(const VerifyRequest& request);

 private:
  bool hasCrlOf(const X509* certificate) const;
  bool knows(ByteView der) const;
  std::optional<Refusal> collectUntrusted(const VerifyRequest& request, STACK_OF(X509) * untrusted) const;
  void configure(X509_STORE_CTX* context, const VerifyRequest& request) const;
  static int tolerateMissingCrl(int ok, X509_STORE_CTX* context);

  StoreOptions options_;
  X509StorePtr store_;
  std::vector<X509Ptr> intermediates_;
  std::vector<Bytes> known_;  // DER of the roots and intermediates
  std::vector<X509CrlPtr> crls_;
  KnownCertificates leaves_;  // those that were accepted: strangers cannot push them out
};

}  // namespace causeway::x509
