#pragma once

#include <openssl/evp.h>

#include "bytes.h"

namespace causeway {

enum class CipherKind : uint8_t {
  kAes128Gcm,
  kAes192Gcm,
  kAes256Gcm,
  kChaCha20Poly1305,
  kAes128Cbc,
  kAes192Cbc,
  kAes256Cbc,
};

enum class DigestKind : uint8_t { kSha1, kSha256, kSha512, kSha384 };

enum class Direction : uint8_t { kSeal, kOpen };

constexpr size_t kTagLength = 16;
constexpr size_t kNonceLength = 12;
constexpr size_t kBlockLength = 16;
constexpr size_t kLongestDigest = 64;

size_t cipherKeyLength(CipherKind cipher);
size_t digestLength(DigestKind digest);
inline bool isCbc(CipherKind cipher) { return cipher >= CipherKind::kAes128Cbc; }

/** One direction's keys. `authKey`: the HMAC key, or what of an AEAD's nonce is fixed. */
struct DirectionSecret {
  uint8_t cipherKey[32];
  uint8_t authKey[kLongestDigest];
};

/** One AEAD key in one direction: keyed once, then only the nonce is set. For one thread at a time. */
class AeadContext {
 public:
  AeadContext(CipherKind cipher, const uint8_t* key, Direction direction);
  ~AeadContext() { EVP_CIPHER_CTX_free(context_); }
  AeadContext(const AeadContext&) = delete;
  AeadContext& operator=(const AeadContext&) = delete;

  /** Encrypts to `out` (as long as `plaintext`; may be the same memory) and writes the tag. */
  bool seal(const uint8_t* nonce, Bytes associated, Bytes plaintext, uint8_t* out, uint8_t* tag);

  /** Decrypts to `out` (may be the same memory). False when the tag does not verify. */
  bool open(const uint8_t* nonce, Bytes associated, Bytes ciphertext, const uint8_t* tag, uint8_t* out);

 private:
  EVP_CIPHER_CTX* context_;
};

/** How CBC fills the last block: PKCS#7, or not at all, where the format has its own padding. */
enum class BlockPadding : uint8_t { kPkcs7, kNone };

/** AES-CBC with an HMAC over IV and ciphertext, one key pair in one direction. For one thread at a time. */
class CbcContext {
 public:
  CbcContext(CipherKind cipher, DigestKind digest, const uint8_t* cipherKey, const uint8_t* hmacKey,
             Direction direction, BlockPadding padding = BlockPadding::kPkcs7);
  ~CbcContext();
  CbcContext(const CbcContext&) = delete;
  CbcContext& operator=(const CbcContext&) = delete;

  /** Writes ciphertext (padded to the block) to `out`; gives its length, 0 on failure. */
  size_t encrypt(const uint8_t* iv, Bytes plaintext, uint8_t* out);
  /** Gives the plaintext's length, or -1 when the padding is wrong. In place is allowed. */
  ptrdiff_t decrypt(const uint8_t* iv, Bytes ciphertext, uint8_t* out);
  /** The HMAC of `data` and, after it, of `more`. */
  bool mac(Bytes data, uint8_t* out, Bytes more = {});

 private:
  EVP_CIPHER_CTX* cipher_;
  EVP_MAC_CTX* mac_;
};

/**
 * HKDF-Expand-Label of RFC 8446 §7.1 with SHA-256, the prefix "ovpn " and no context. `secret` has 32 bytes.
 *
 */
bool expandLabel(const uint8_t* secret, const char* label, MutableBytes out);

/** Random bytes for CBC IVs, drawn from OpenSSL in blocks because a call for 16 is dear. For one thread. */
class RandomPool {
 public:
  void take(uint8_t* out, size_t length);

 private:
  uint8_t block_[1024];
  size_t used_ = sizeof block_;
};

}  // namespace causeway
