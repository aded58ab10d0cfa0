#include "trust_store.h"

#include <algorithm>
#include <new>

#include "certificate.h"
#include "key_policy.h"
#include "validation_reason.h"

namespace causeway::x509 {

namespace {

// OpenSSL level 2 is 112 bits of security: RSA 2048, and no MD5 or SHA-1 in a signature below the anchor.
constexpr int kAuthLevel = 2;
// X509_check_ca answers 1 only for a certificate whose basicConstraints say that it is an authority.
constexpr int kDeclaredAuthority = 1;

Refusal refusal(const char* reason, std::string detail, int depth, const X509* certificate) {
  return {reason, std::move(detail), depth, certificate ? formatName(X509_get_subject_name(certificate)) : ""};
}

Validation refused(Refusal why) { return {{}, std::nullopt, std::move(why)}; }

std::uint32_t extendedUsage(Purpose purpose) {
  return purpose == Purpose::server ? XKU_SSL_SERVER : XKU_SSL_CLIENT;
}

std::string usageName(Purpose purpose) { return purpose == Purpose::server ? "serverAuth" : "clientAuth"; }

std::string verdictText(int error, int depth, X509* certificate, Purpose purpose) {
  std::string text = X509_verify_cert_error_string(error);
  const bool isLeafUsage = error == X509_V_ERR_INVALID_PURPOSE && depth == 0 && certificate != nullptr;
  if (isLeafUsage && purpose != Purpose::any && (X509_get_extended_key_usage(certificate) & extendedUsage(purpose)) == 0) {
    text += ": " + usageName(purpose) + " is not among its extended key usages";
  }
  return text;
}

Refusal verdict(X509_STORE_CTX* context, Purpose purpose) {
  const int error = X509_STORE_CTX_get_error(context);
  const int depth = X509_STORE_CTX_get_error_depth(context);
  X509* certificate = X509_STORE_CTX_get_current_cert(context);
  const bool isKey = error == X509_V_ERR_EE_KEY_TOO_SMALL || error == X509_V_ERR_CA_KEY_TOO_SMALL;
  if (isKey && certificate != nullptr) {
    // OpenSSL calls a key that it cannot read too small as well; our own check tells the two apart.
    if (auto fault = checkKey(certificate)) return refusal(fault->reason, fault->detail, depth, certificate);
  }
  return refusal(validationReason(error), verdictText(error, depth, certificate, purpose), depth, certificate);
}

// What OpenSSL leaves open: RSA exponents, curves by name, and authorities that do not say that they are
// one (RFC 5280 §6.1.4 (k) wants basicConstraints in each; only an anchor may lack them).
std::optional<Refusal> checkElement(X509* certificate, int depth, bool isAnchor) {
  if (auto fault = checkKey(certificate)) return refusal(fault->reason, fault->detail, depth, certificate);
  if (depth > 0 && !isAnchor && X509_check_ca(certificate) != kDeclaredAuthority) {
    return refusal("purpose", "the issuer's basicConstraints do not make it an authority", depth, certificate);
  }
  return std::nullopt;
}

std::optional<Refusal> checkLeafUsage(X509* leaf, const VerifyRequest& request) {
  const bool hasUsages = (X509_get_extension_flags(leaf) & EXFLAG_XKUSAGE) != 0;
  const bool isWanted = request.requireExtendedKeyUsage && request.purpose != Purpose::any;
  if (hasUsages || !isWanted) return std::nullopt;
  const std::string wanted = usageName(request.purpose) + " is required";
  return refusal("purpose", "the certificate has no extended key usage, " + wanted, 0, leaf);
}

Validation accepted(STACK_OF(X509) * chain, const VerifyRequest& request) {
  Validation result;
  const int length = sk_X509_num(chain);
  for (int depth = 0; depth < length; depth++) {
    X509* certificate = sk_X509_value(chain, depth);
    if (auto why = checkElement(certificate, depth, depth == length - 1)) return refused(std::move(*why));
    result.chain.push_back(encodeCertificate(certificate));
  }
  X509* leaf = sk_X509_value(chain, 0);
  if (auto why = checkLeafUsage(leaf, request)) return refused(std::move(*why));
  // Read while it is parsed: reading a key again costs more than all of the description.
  result.leaf = describe(leaf, request.leaf);
  if (!result.leaf) return refused(refusal("malformed", "a date or an extension cannot be read", 0, leaf));
  return result;
}

// Before any path is built: what a peer sent must be readable and cheap to verify with.
std::optional<Refusal> checkParsed(const X509* certificate, const std::string& which, int depth) {
  if (certificate == nullptr) {
    return refusal("malformed", which + "is not one certificate in DER", depth, nullptr);
  }
  if (!isCostlyKey(certificate)) return std::nullopt;
  const char* detail = "has an RSA key above 8192 bits, or an exponent above 64";
  return refusal("other", which + detail, depth, certificate);
}

void pushShared(STACK_OF(X509) * stack, X509* certificate) {
  if (X509_up_ref(certificate) == 1 && sk_X509_push(stack, certificate) == 0) X509_free(certificate);
}

}  // namespace

TrustStore::TrustStore(StoreOptions options) : options_(options), store_(X509_STORE_new()) {
  if (!store_) throw std::bad_alloc();
}

bool TrustStore::addRoot(ByteView der) {
  const X509Ptr certificate = parseCertificate(der);
  if (!certificate || X509_STORE_add_cert(store_.get(), certificate.get()) != 1) return false;
  known_.emplace_back(der.begin(), der.end());
  return true;
}

bool TrustStore::addIntermediate(ByteView der) {
  X509Ptr certificate = parseCertificate(der);
  if (!certificate) return false;
  intermediates_.push_back(std::move(certificate));
  known_.emplace_back(der.begin(), der.end());
  return true;
}

bool TrustStore::addCrl(ByteView der) {
  X509CrlPtr crl = parseCrl(der);
  if (!crl || X509_STORE_add_crl(store_.get(), crl.get()) != 1) return false;
  crls_.push_back(std::move(crl));
  return true;
}

Validation TrustStore::verify(const VerifyRequest& request) {
  const ErrorQueueGuard guard;
  const X509Ptr known = leaves_.find(request.leaf);
  const X509Ptr fresh = known ? nullptr : parseCertificate(request.leaf);
  const X509Ptr& leaf = known ? known : fresh;
  if (auto why = checkParsed(leaf.get(), "the certificate ", 0)) return refused(std::move(*why));
  const X509StackPtr untrusted(sk_X509_new_null());
  const X509StoreCtxPtr context(X509_STORE_CTX_new());
  if (!untrusted || !context) throw std::bad_alloc();
  if (auto why = collectUntrusted(request, untrusted.get())) return refused(std::move(*why));
  if (X509_STORE_CTX_init(context.get(), store_.get(), leaf.get(), untrusted.get()) != 1) throw std::bad_alloc();
  configure(context.get(), request);
  if (X509_verify_cert(context.get()) != 1) return refused(verdict(context.get(), request.purpose));
  Validation result = accepted(X509_STORE_CTX_get0_chain(context.get()), request);
  if (!result.refusal) leaves_.remember(request.leaf, leaf.get());
  return result;
}

std::optional<Refusal> TrustStore::collectUntrusted(const VerifyRequest& request,
                                                    STACK_OF(X509) * untrusted) const {
  int position = 0;
  for (const ByteView der : request.intermediates) {
    position++;
    // Peers like to send what we have: OpenSSL finds it in the store, and parsing a key again is dear.
    if (knows(der)) continue;
    X509Ptr certificate = parseCertificate(der);
    const std::string which = "certificate " + std::to_string(position) + " after the leaf ";
    if (auto why = checkParsed(certificate.get(), which, position)) return why;
    if (sk_X509_push(untrusted, certificate.get()) == 0) throw std::bad_alloc();
    static_cast<void>(certificate.release());
  }
  for (const X509Ptr& certificate : intermediates_) pushShared(untrusted, certificate.get());
  return std::nullopt;
}

void TrustStore::configure(X509_STORE_CTX* context, const VerifyRequest& request) const {
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context);
  if (request.purpose != Purpose::any) {
    const bool isClient = request.purpose == Purpose::client;
    X509_STORE_CTX_set_purpose(context, isClient ? X509_PURPOSE_SSL_CLIENT : X509_PURPOSE_SSL_SERVER);
  }
  X509_VERIFY_PARAM_set_auth_level(parameters, kAuthLevel);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(request.time));
  X509_VERIFY_PARAM_set_depth(parameters, options_.maximumIntermediates);
  unsigned long flags = 0;
  if (options_.partialChain) flags |= X509_V_FLAG_PARTIAL_CHAIN;
  if (options_.strict) flags |= X509_V_FLAG_X509_STRICT;
  if (request.crlCheck == CrlCheck::leaf) flags |= X509_V_FLAG_CRL_CHECK;
  const bool checksAvailable = request.crlCheck == CrlCheck::available && !crls_.empty();
  const bool checksAll = request.crlCheck == CrlCheck::all || checksAvailable;
  if (checksAll) flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
  X509_VERIFY_PARAM_set_flags(parameters, flags);
  if (!checksAvailable) return;
  X509_STORE_CTX_set_app_data(context, const_cast<TrustStore*>(this));
  X509_STORE_CTX_set_verify_cb(context, tolerateMissingCrl);
}

int TrustStore::tolerateMissingCrl(int ok, X509_STORE_CTX* context) {
  if (ok == 1 || X509_STORE_CTX_get_error(context) != X509_V_ERR_UNABLE_TO_GET_CRL) return ok;
  const auto* self = static_cast<const TrustStore*>(X509_STORE_CTX_get_app_data(context));
  if (self->hasCrlOf(X509_STORE_CTX_get_current_cert(context))) return 0;
  X509_STORE_CTX_set_error(context, X509_V_OK);
  return 1;
}

bool TrustStore::hasCrlOf(const X509* certificate) const {
  const X509_NAME* issuer = X509_get_issuer_name(certificate);
  return std::ranges::any_of(crls_, [issuer](const X509CrlPtr& crl) {
    return X509_NAME_cmp(X509_CRL_get_issuer(crl.get()), issuer) == 0;
  });
}

bool TrustStore::knows(ByteView der) const {
  return std::ranges::any_of(known_, [der](const Bytes& known) { return std::ranges::equal(known, der); });
}

}  // namespace causeway::x509
