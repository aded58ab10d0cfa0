#include "path_facts.h"

#include <openssl/objects.h>

#include "certificate.h"

namespace causeway::x509 {

namespace {

std::string text(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

// X509_get_key_usage answers this when the extension is absent.
constexpr std::uint32_t kNoKeyUsage = UINT32_MAX;

std::optional<std::uint32_t> keyUsage(X509* certificate) {
  const std::uint32_t bits = X509_get_key_usage(certificate);
  return bits == kNoKeyUsage ? std::nullopt : std::optional(bits);
}

std::string signatureDigest(X509* certificate) {
  int digest = NID_undef;
  if (X509_get_signature_info(certificate, &digest, nullptr, nullptr, nullptr) != 1) return {};
  return digest == NID_undef ? std::string() : std::string(OBJ_nid2sn(digest));
}

std::vector<std::string> ocspUris(X509* certificate) {
  std::vector<std::string> found;
  STACK_OF(OPENSSL_STRING)* uris = X509_get1_ocsp(certificate);
  for (int i = 0; i < sk_OPENSSL_STRING_num(uris); i++) found.emplace_back(sk_OPENSSL_STRING_value(uris, i));
  X509_email_free(uris);
  return found;
}

void addUris(const GENERAL_NAMES* names, std::vector<std::string>& found) {
  for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &type);
    if (type == GEN_URI) found.push_back(text(static_cast<const ASN1_STRING*>(value)));
  }
}

// Names relative to the issuer are directory entries, which nobody here asks.
constexpr int kFullName = 0;

std::vector<std::string> crlUris(X509* certificate) {
  std::vector<std::string> found;
  const DistributionPointsPtr points(static_cast<CRL_DIST_POINTS*>(
      X509_get_ext_d2i(certificate, NID_crl_distribution_points, nullptr, nullptr)));
  for (int i = 0; points && i < sk_DIST_POINT_num(points.get()); i++) {
    const DIST_POINT* point = sk_DIST_POINT_value(points.get(), i);
    if (point->distpoint == nullptr || point->distpoint->type != kFullName) continue;
    addUris(point->distpoint->name.fullname, found);
  }
  return found;
}

}  // namespace

std::optional<PathFacts> pathFacts(ByteView der) {
  const ErrorQueueGuard guard;
  const X509Ptr certificate = parseCertificate(der);
  if (!certificate) return std::nullopt;
  constexpr int kVerifySignature = 1;
  return PathFacts{
      .keyUsage = keyUsage(certificate.get()),
      .signatureDigest = signatureDigest(certificate.get()),
      .isSelfSigned = X509_self_signed(certificate.get(), kVerifySignature) == 1,
      .ocspUris = ocspUris(certificate.get()),
      .crlUris = crlUris(certificate.get()),
  };
}

}  // namespace causeway::x509
