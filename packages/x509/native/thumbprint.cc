#include "thumbprint.h"

#include <openssl/objects.h>

#include <array>
#include <optional>

namespace causeway::x509 {

namespace {

// The three parts of a certificate; the first two are taken together, with their headers.
struct OuterParts {
  ByteView signedAndAlgorithm;
  ByteView signature;  // the BIT STRING's content after its count of unused bits
  bool isEcdsa = false;
};

struct Element {
  ByteView whole;
  ByteView content;
};

// Reads one element of the tag off the front of `rest`.
std::optional<Element> take(ByteView& rest, int wantedTag) {
  const auto* cursor = rest.data();
  long length = 0;
  int tag = 0;
  int tagClass = 0;
  const int flags = ASN1_get_object(&cursor, &length, &tag, &tagClass, static_cast<long>(rest.size()));
  const bool isDefinite = (flags & 0x81) == 0;
  if (!isDefinite || tag != wantedTag || tagClass != V_ASN1_UNIVERSAL) return std::nullopt;
  const auto header = static_cast<std::size_t>(cursor - rest.data());
  const auto size = static_cast<std::size_t>(length);
  const Element element{rest.first(header + size), rest.subspan(header, size)};
  rest = rest.subspan(header + size);
  return element;
}

bool isEcdsaAlgorithm(ByteView algorithm) {
  const auto* cursor = algorithm.data();
  const AlgorithmPtr parsed(d2i_X509_ALGOR(nullptr, &cursor, static_cast<long>(algorithm.size())));
  int key = NID_undef;
  return parsed && OBJ_find_sigid_algs(OBJ_obj2nid(parsed->algorithm), nullptr, &key) == 1 &&
         key == NID_X9_62_id_ecPublicKey;
}

std::optional<OuterParts> split(ByteView der) {
  ByteView rest = der;
  const auto outer = take(rest, V_ASN1_SEQUENCE);
  if (!outer || !rest.empty()) return std::nullopt;
  ByteView inner = outer->content;
  const auto body = take(inner, V_ASN1_SEQUENCE);
  const auto algorithm = body ? take(inner, V_ASN1_SEQUENCE) : std::nullopt;
  const auto signature = algorithm ? take(inner, V_ASN1_BIT_STRING) : std::nullopt;
  if (!signature || !inner.empty() || signature->content.empty()) return std::nullopt;
  const auto covered = body->whole.size() + algorithm->whole.size();
  const bool isEcdsa = isEcdsaAlgorithm(algorithm->whole);
  return OuterParts{outer->content.first(covered), signature->content.subspan(1), isEcdsa};
}

// The orders of P-256, P-384 and P-521, made once.
const std::vector<BignumPtr>& curveOrders() {
  static const std::vector<BignumPtr> orders = [] {
    std::vector<BignumPtr> made;
    for (const int curve : {NID_X9_62_prime256v1, NID_secp384r1, NID_secp521r1}) {
      const EcGroupPtr group(EC_GROUP_new_by_curve_name(curve));
      if (group) made.emplace_back(BN_dup(EC_GROUP_get0_order(group.get())));
    }
    return made;
  }();
  return orders;
}

// The DER of (r, order - s), or nothing when the signature cannot belong to this curve.
Bytes mirrored(const ECDSA_SIG* signature, const BIGNUM* order) {
  if (BN_cmp(ECDSA_SIG_get0_s(signature), order) >= 0) return {};
  BignumPtr r(BN_dup(ECDSA_SIG_get0_r(signature)));
  BignumPtr s(BN_new());
  const EcdsaSigPtr result(ECDSA_SIG_new());
  if (!r || !s || !result || BN_sub(s.get(), order, ECDSA_SIG_get0_s(signature)) != 1) return {};
  if (ECDSA_SIG_set0(result.get(), r.get(), s.get()) != 1) return {};
  static_cast<void>(r.release());
  static_cast<void>(s.release());
  const int length = i2d_ECDSA_SIG(result.get(), nullptr);
  if (length <= 0) return {};
  Bytes der(static_cast<std::size_t>(length));
  auto* cursor = der.data();
  i2d_ECDSA_SIG(result.get(), &cursor);
  return der;
}

Bytes header(int tag, bool isConstructed, std::size_t size) {
  const int length = static_cast<int>(size);
  Bytes bytes(static_cast<std::size_t>(ASN1_object_size(isConstructed, length, tag)) - size);
  auto* cursor = bytes.data();
  ASN1_put_object(&cursor, isConstructed, length, tag, V_ASN1_UNIVERSAL);
  return bytes;
}

// The certificate with another signature; the signed part stays byte for byte.
Bytes withSignature(const OuterParts& parts, const Bytes& signature) {
  const Bytes bits = header(V_ASN1_BIT_STRING, false, signature.size() + 1);
  const std::size_t size = parts.signedAndAlgorithm.size() + bits.size() + 1 + signature.size();
  Bytes der = header(V_ASN1_SEQUENCE, true, size);
  der.insert(der.end(), parts.signedAndAlgorithm.begin(), parts.signedAndAlgorithm.end());
  der.insert(der.end(), bits.begin(), bits.end());
  der.push_back(0);
  der.insert(der.end(), signature.begin(), signature.end());
  return der;
}

}  // namespace

std::string thumbprintOf(ByteView der) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  if (EVP_Digest(der.data(), der.size(), digest.data(), &length, EVP_sha1(), nullptr) != 1) return {};
  std::string hex;
  for (unsigned int i = 0; i < length; i++) {
    hex += kDigits[digest[i] >> 4];
    hex += kDigits[digest[i] & 15];
  }
  return hex;
}

std::vector<std::string> thumbprintsOf(ByteView der) {
  const ErrorQueueGuard guard;
  const auto parts = split(der);
  if (!parts) return {};
  std::vector<std::string> found{thumbprintOf(der)};
  if (!parts->isEcdsa) return found;
  const auto* cursor = parts->signature.data();
  const EcdsaSigPtr signature(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(parts->signature.size())));
  if (!signature) return found;
  for (const BignumPtr& order : curveOrders()) {
    const Bytes other = mirrored(signature.get(), order.get());
    if (!other.empty()) found.push_back(thumbprintOf(withSignature(*parts, other)));
  }
  return found;
}

}  // namespace causeway::x509
