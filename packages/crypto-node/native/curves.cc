#include "curves.h"

#include <algorithm>
#include <array>

namespace causeway::crypto {

namespace {

// SEC 1 §2.3.3: a point written in full is this byte, x and y.
constexpr std::uint8_t kUncompressed = 4;
constexpr std::size_t kFieldBytesMax = 48;
using WrittenPoint = std::array<std::uint8_t, 1 + 2 * kFieldBytesMax>;

KeyPtr x25519Key(ByteView secret) {
  KeyPtr key(EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, secret.data(), secret.size()));
  require(key != nullptr, "X25519");
  return key;
}

}  // namespace

PrimeCurve::PrimeCurve(int nid, std::size_t fieldBytes)
    : fieldBytes_(fieldBytes), group_(EC_GROUP_new_by_curve_name(nid)), numbers_(BN_CTX_secure_new()) {
  require(group_ && numbers_, "elliptic curve");
}

void PrimeCurve::publicValue(ByteView secret, ByteSpan result) const { write(multiply(secret, nullptr).get(), result); }

bool PrimeCurve::agree(ByteView secret, ByteView peer, ByteSpan result) const {
  WrittenPoint written{kUncompressed};
  std::copy(peer.begin(), peer.end(), written.begin() + 1);
  const PointPtr point(EC_POINT_new(group_.get()));
  require(point != nullptr, "elliptic curve");
  // OpenSSL refuses what is not on the curve, and coordinates from the prime on.
  if (EC_POINT_oct2point(group_.get(), point.get(), written.data(), 1 + peer.size(), numbers_.get()) != 1) return false;
  WrittenPoint product;
  write(multiply(secret, point.get()).get(), product);
  std::copy_n(product.begin(), fieldBytes_, result.begin());
  OPENSSL_cleanse(product.data(), product.size());
  return true;
}

PointPtr PrimeCurve::multiply(ByteView secret, const EC_POINT* point) const {
  const BignumPtr number(BN_secure_new());
  PointPtr product(EC_POINT_new(group_.get()));
  require(number && product, "elliptic curve");
  require(BN_bin2bn(secret.data(), static_cast<int>(secret.size()), number.get()) != nullptr, "elliptic curve");
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  const BIGNUM* ofBase = point ? nullptr : number.get();
  const BIGNUM* ofPoint = point ? number.get() : nullptr;
  require(EC_POINT_mul(group_.get(), product.get(), ofBase, point, ofPoint, numbers_.get()) == 1, "elliptic curve");
  return product;
}

void PrimeCurve::write(const EC_POINT* point, ByteSpan result) const {
  WrittenPoint written;
  const std::size_t length = EC_POINT_point2oct(group_.get(), point, POINT_CONVERSION_UNCOMPRESSED, written.data(),
                                                written.size(), numbers_.get());
  require(length == 1 + 2 * fieldBytes_, "elliptic curve");
  std::copy_n(written.begin() + 1, 2 * fieldBytes_, result.begin());
  OPENSSL_cleanse(written.data(), written.size());
}

void x25519PublicValue(ByteView secret, ByteSpan result) {
  std::size_t length = kX25519Bytes;
  require(EVP_PKEY_get_raw_public_key(x25519Key(secret).get(), result.data(), &length) == 1, "X25519");
}

bool x25519Agree(ByteView secret, ByteView peer, ByteSpan result) {
  const KeyPtr own = x25519Key(secret);
  const KeyPtr other(EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, peer.data(), peer.size()));
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  require(other && context && EVP_PKEY_derive_init(context.get()) == 1 &&
              EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1,
          "X25519");
  std::size_t length = kX25519Bytes;
  // OpenSSL checks for zeros, and has no other reason to fail.
  return EVP_PKEY_derive(context.get(), result.data(), &length) == 1;
}

}  // namespace causeway::crypto
