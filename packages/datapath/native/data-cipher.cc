#include "data-cipher.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace causeway {

namespace {

/** Fetched once for the process: a fetch for each context takes a lock and several microseconds. */
const EVP_CIPHER* cipherOf(CipherKind kind) {
  static const EVP_CIPHER* const ciphers[] = {EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr),
                                              EVP_CIPHER_fetch(nullptr, "AES-192-GCM", nullptr),
                                              EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr),
                                              EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr),
                                              EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr),
                                              EVP_CIPHER_fetch(nullptr, "AES-192-CBC", nullptr),
                                              EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr)};
  return ciphers[static_cast<size_t>(kind)];
}

EVP_MAC* hmac() {
  static EVP_MAC* const mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  return mac;
}

EVP_MAC_CTX* keyedHmac(const char* digest, const uint8_t* key, size_t length) {
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(hmac());
  if (!context) throw std::bad_alloc();
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
      OSSL_PARAM_construct_end()};
  if (!EVP_MAC_init(context, key, length, params)) {
    EVP_MAC_CTX_free(context);
    throw std::runtime_error("HMAC could not be keyed");
  }
  return context;
}

EVP_CIPHER_CTX* keyedCipher(CipherKind kind, const uint8_t* key, Direction direction) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  if (!context) throw std::bad_alloc();
  const int seal = direction == Direction::kSeal ? 1 : 0;
  if (!cipherOf(kind) || !EVP_CipherInit_ex2(context, cipherOf(kind), key, nullptr, seal, nullptr)) {
    EVP_CIPHER_CTX_free(context);
    throw std::runtime_error("the cipher could not be keyed");
  }
  return context;
}

const char* digestName(DigestKind digest) {
  static const char* const names[] = {"SHA1", "SHA256", "SHA512", "SHA384"};
  return names[static_cast<size_t>(digest)];
}

}  // namespace

size_t cipherKeyLength(CipherKind cipher) {
  static constexpr size_t lengths[] = {16, 24, 32, 32, 16, 24, 32};
  return lengths[static_cast<size_t>(cipher)];
}

size_t digestLength(DigestKind digest) {
  static constexpr size_t lengths[] = {20, 32, 64, 48};
  return lengths[static_cast<size_t>(digest)];
}

AeadContext::AeadContext(CipherKind cipher, const uint8_t* key, Direction direction)
    : context_(keyedCipher(cipher, key, direction)) {}

bool AeadContext::seal(const uint8_t* nonce, Bytes associated, Bytes plaintext, uint8_t* out, uint8_t* tag) {
  int length = 0;
  // Asked for directly: EVP_CIPHER_CTX_ctrl does the same by a longer way.
  OSSL_PARAM wanted[] = {OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, tag, kTagLength),
                         OSSL_PARAM_construct_end()};
  return EVP_CipherInit_ex2(context_, nullptr, nullptr, nonce, -1, nullptr) &&
         EVP_EncryptUpdate(context_, nullptr, &length, associated.data(),
                           static_cast<int>(associated.size())) &&
         EVP_EncryptUpdate(context_, out, &length, plaintext.data(), static_cast<int>(plaintext.size())) &&
         EVP_EncryptFinal_ex(context_, out + length, &length) && EVP_CIPHER_CTX_get_params(context_, wanted);
}

bool AeadContext::open(const uint8_t* nonce, Bytes associated, Bytes ciphertext, const uint8_t* tag,
                       uint8_t* out) {
  int length = 0;
  return EVP_CipherInit_ex2(context_, nullptr, nullptr, nonce, -1, nullptr) &&
         EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, kTagLength, const_cast<uint8_t*>(tag)) &&
         EVP_DecryptUpdate(context_, nullptr, &length, associated.data(),
                           static_cast<int>(associated.size())) &&
         EVP_DecryptUpdate(context_, out, &length, ciphertext.data(), static_cast<int>(ciphertext.size())) &&
         EVP_DecryptFinal_ex(context_, out + length, &length) > 0;
}

CbcContext::CbcContext(CipherKind cipher, DigestKind digest, const uint8_t* cipherKey, const uint8_t* hmacKey,
                       Direction direction, BlockPadding padding)
    : cipher_(keyedCipher(cipher, cipherKey, direction)),
      mac_(keyedHmac(digestName(digest), hmacKey, digestLength(digest))) {
  if (padding == BlockPadding::kNone) EVP_CIPHER_CTX_set_padding(cipher_, 0);
}

CbcContext::~CbcContext() {
  EVP_CIPHER_CTX_free(cipher_);
  EVP_MAC_CTX_free(mac_);
}

size_t CbcContext::encrypt(const uint8_t* iv, Bytes plaintext, uint8_t* out) {
  int body = 0, tail = 0;
  const bool done =
      EVP_CipherInit_ex2(cipher_, nullptr, nullptr, iv, -1, nullptr) &&
      EVP_EncryptUpdate(cipher_, out, &body, plaintext.data(), static_cast<int>(plaintext.size())) &&
      EVP_EncryptFinal_ex(cipher_, out + body, &tail);
  return done ? static_cast<size_t>(body + tail) : 0;
}

ptrdiff_t CbcContext::decrypt(const uint8_t* iv, Bytes ciphertext, uint8_t* out) {
  int body = 0, tail = 0;
  const bool done =
      EVP_CipherInit_ex2(cipher_, nullptr, nullptr, iv, -1, nullptr) &&
      EVP_DecryptUpdate(cipher_, out, &body, ciphertext.data(), static_cast<int>(ciphertext.size())) &&
      EVP_DecryptFinal_ex(cipher_, out + body, &tail);
  return done ? body + tail : -1;
}

bool CbcContext::mac(Bytes data, uint8_t* out, Bytes more) {
  size_t length = 0;
  return EVP_MAC_init(mac_, nullptr, 0, nullptr) && EVP_MAC_update(mac_, data.data(), data.size()) &&
         (more.empty() || EVP_MAC_update(mac_, more.data(), more.size())) &&
         EVP_MAC_final(mac_, out, &length, kLongestDigest);
}

bool expandLabel(const uint8_t* secret, const char* label, MutableBytes out) {
  constexpr size_t kSecretLength = 32, kDigest = 32;
  static constexpr char prefix[] = "ovpn ";
  const size_t prefixLength = sizeof prefix - 1;
  const size_t labelLength = strlen(label);
  uint8_t info[2 + 1 + prefixLength + 64 + 1];
  if (labelLength > 64) return false;
  store16(info, static_cast<uint16_t>(out.size()));
  info[2] = static_cast<uint8_t>(prefixLength + labelLength);
  memcpy(info + 3, prefix, prefixLength);
  memcpy(info + 3 + prefixLength, label, labelLength);
  const size_t infoLength = 3 + prefixLength + labelLength + 1;
  info[infoLength - 1] = 0;

  EVP_MAC_CTX* context = keyedHmac("SHA256", secret, kSecretLength);
  uint8_t block[kDigest];
  size_t have = 0;
  bool done = true;
  for (uint8_t counter = 1; have < out.size() && done; counter++) {
    size_t length = 0;
    done = EVP_MAC_init(context, nullptr, 0, nullptr) &&
           (counter == 1 || EVP_MAC_update(context, block, sizeof block)) &&
           EVP_MAC_update(context, info, infoLength) && EVP_MAC_update(context, &counter, 1) &&
           EVP_MAC_final(context, block, &length, sizeof block);
    const size_t part = std::min(sizeof block, out.size() - have);
    memcpy(out.data() + have, block, part);
    have += part;
  }
  OPENSSL_cleanse(block, sizeof block);
  EVP_MAC_CTX_free(context);
  return done;
}

void RandomPool::take(uint8_t* out, size_t length) {
  if (used_ + length > sizeof block_) {
    if (RAND_bytes(block_, sizeof block_) != 1) throw std::runtime_error("no random bytes");
    used_ = 0;
  }
  memcpy(out, block_ + used_, length);
  used_ += length;
}

}  // namespace causeway
