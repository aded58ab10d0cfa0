#include "key_policy.h"

#include <openssl/core_names.h>

#include <array>

namespace causeway::x509 {

namespace {

// Ours: the floor that the gateway promises (112-bit security).
constexpr int kMinimumRsaBits = 2048;
constexpr unsigned long kMinimumRsaExponent = 65537;
// Ours: the ceiling, since the price of verifying grows with both and a peer chooses them.
constexpr int kMaximumRsaBits = 8192;
constexpr int kMaximumRsaExponentBits = 64;

bool isRsa(const EVP_PKEY* key) {
  const int type = EVP_PKEY_get_base_id(key);
  return type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS;
}

BignumPtr rsaExponent(const EVP_PKEY* key) {
  BIGNUM* exponent = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent);
  return BignumPtr(exponent);
}

std::optional<KeyFault> checkRsa(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinimumRsaBits) {
    return KeyFault{"key-too-small", "the RSA key has " + std::to_string(bits) + " bits, 2048 are required"};
  }
  const BignumPtr exponent = rsaExponent(key);
  const BignumPtr floor(BN_new());
  if (!exponent || !floor || BN_set_word(floor.get(), kMinimumRsaExponent) != 1) {
    return KeyFault{"malformed", "the RSA key cannot be read"};
  }
  if (!BN_is_odd(exponent.get()) || BN_cmp(exponent.get(), floor.get()) < 0) {
    return KeyFault{"key-too-small", "the RSA public exponent must be odd and at least 65537"};
  }
  return std::nullopt;
}

std::optional<KeyFault> checkEc(const EVP_PKEY* key) {
  int isExplicit = 0;
  EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &isExplicit);
  if (isExplicit != 0) return KeyFault{"malformed", "the EC key spells out its curve instead of naming it"};
  std::array<char, 64> name{};
  EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr);
  const std::string curve(name.data());
  if (curve == SN_X9_62_prime256v1 || curve == SN_secp384r1 || curve == SN_secp521r1) return std::nullopt;
  if (EVP_PKEY_get_bits(key) < 256) {
    return KeyFault{"key-too-small", "the EC key is on " + curve + ", P-256 or larger is required"};
  }
  return KeyFault{"other", "the EC key is on " + curve + ", only P-256, P-384 and P-521 are accepted"};
}

}  // namespace

std::optional<KeyFault> checkKey(const X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr) return KeyFault{"malformed", "the public key cannot be read"};
  if (isRsa(key)) return checkRsa(key);
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_EC:
      return checkEc(key);
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
      return std::nullopt;
    default:
      return KeyFault{"other", "only RSA, ECDSA and EdDSA keys are accepted"};
  }
}

bool isCostlyKey(const X509* certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  if (key == nullptr || !isRsa(key)) return false;
  if (EVP_PKEY_get_bits(key) > kMaximumRsaBits) return true;
  const BignumPtr exponent = rsaExponent(key);
  return !exponent || BN_num_bits(exponent.get()) > kMaximumRsaExponentBits;
}

}  // namespace causeway::x509
