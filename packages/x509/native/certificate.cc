#include "certificate.h"

#include <openssl/objects.h>

#include <algorithm>
#include <array>

namespace causeway::x509 {

namespace {

constexpr std::array kCurves = {NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1};

std::string hex(ByteView bytes) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string thumbprintOf(ByteView der) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(der.data(), der.size(), digest.data(), &length, EVP_sha1(), nullptr) != 1) return {};
  return hex({digest.data(), length});
}

bool isEcdsaSigned(const X509* certificate) {
  int key = NID_undef;
  return OBJ_find_sigid_algs(X509_get_signature_nid(certificate), nullptr, &key) == 1 && key == NID_X9_62_id_ecPublicKey;
}

EcdsaSigPtr signatureOf(const X509* certificate) {
  const ASN1_BIT_STRING* bits = nullptr;
  X509_get0_signature(&bits, nullptr, certificate);
  const auto* data = ASN1_STRING_get0_data(bits);
  return EcdsaSigPtr(d2i_ECDSA_SIG(nullptr, &data, ASN1_STRING_length(bits)));
}

// The DER of (r, order - s), or nothing when the signature cannot belong to this curve.
Bytes mirroredSignature(const ECDSA_SIG* signature, int curve) {
  const EcGroupPtr group(EC_GROUP_new_by_curve_name(curve));
  const BIGNUM* order = group ? EC_GROUP_get0_order(group.get()) : nullptr;
  if (order == nullptr || BN_cmp(ECDSA_SIG_get0_s(signature), order) >= 0) return {};
  BignumPtr r(BN_dup(ECDSA_SIG_get0_r(signature)));
  BignumPtr s(BN_new());
  const EcdsaSigPtr mirrored(ECDSA_SIG_new());
  if (!r || !s || !mirrored || BN_sub(s.get(), order, ECDSA_SIG_get0_s(signature)) != 1) return {};
  if (ECDSA_SIG_set0(mirrored.get(), r.release(), s.release()) != 1) return {};
  std::uint8_t* der = nullptr;
  const int length = i2d_ECDSA_SIG(mirrored.get(), &der);
  if (length <= 0) return {};
  Bytes bytes(der, der + length);
  OPENSSL_free(der);
  return bytes;
}

// The certificate with another signature value; the signed part stays byte for byte.
Bytes withSignature(ByteView der, const Bytes& signature) {
  const X509Ptr copy = parseCertificate(der);
  if (!copy) return {};
  const ASN1_BIT_STRING* bits = nullptr;
  X509_get0_signature(&bits, nullptr, copy.get());
  // OpenSSL has no setter for the signature; the object is this function's own copy.
  auto* writable = const_cast<ASN1_BIT_STRING*>(bits);
  if (ASN1_STRING_set(writable, signature.data(), static_cast<int>(signature.size())) != 1) return {};
  return encodeCertificate(copy.get());
}

}  // namespace

X509Ptr parseCertificate(ByteView der) {
  const auto* cursor = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  if (!certificate || cursor != der.data() + der.size()) return nullptr;
  const Bytes canonical = encodeCertificate(certificate.get());
  return std::ranges::equal(canonical, der) ? std::move(certificate) : nullptr;
}

X509CrlPtr parseCrl(ByteView der) {
  const auto* cursor = der.data();
  X509CrlPtr crl(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
  return crl && cursor == der.data() + der.size() ? std::move(crl) : nullptr;
}

Bytes encodeCertificate(const X509* certificate) {
  const int length = i2d_X509(certificate, nullptr);
  if (length <= 0) return {};
  Bytes der(static_cast<std::size_t>(length));
  auto* cursor = der.data();
  i2d_X509(certificate, &cursor);
  return der;
}

std::string formatName(const X509_NAME* name) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  if (!text || name == nullptr) return {};
  X509_NAME_print_ex(text.get(), name, 0, (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | ASN1_STRFLGS_UTF8_CONVERT);
  const char* data = nullptr;
  const long length = BIO_get_mem_data(text.get(), &data);
  return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

std::vector<std::string> thumbprints(const X509* certificate) {
  const Bytes der = encodeCertificate(certificate);
  std::vector<std::string> found{thumbprintOf(der)};
  if (!isEcdsaSigned(certificate)) return found;
  const EcdsaSigPtr signature = signatureOf(certificate);
  if (!signature) return found;
  for (const int curve : kCurves) {
    const Bytes mirrored = mirroredSignature(signature.get(), curve);
    if (!mirrored.empty()) found.push_back(thumbprintOf(withSignature(der, mirrored)));
  }
  return found;
}

}  // namespace causeway::x509
