// AES-GCM with a nonce of 12 bytes and a tag of 16, where the bytes lie.
#pragma once

#include <array>

#include "openssl_handle.h"

namespace causeway::crypto {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

struct GcmInput {
  // 16, 24 or 32 bytes.
  ByteView key;
  // kNonceBytes long.
  ByteView nonce;
  ByteView associated;
};

class Gcm {
 public:
  Gcm();
  // Encrypts `text` in place and writes the tag.
  void seal(const GcmInput& input, ByteSpan text, std::span<std::uint8_t, kTagBytes> tag);
  // Decrypts in place. False when the tag does not verify: what `text` then holds is nobody's to read.
  bool open(const GcmInput& input, ByteSpan text, std::span<std::uint8_t, kTagBytes> tag);

 private:
  EVP_CIPHER_CTX* begin(const GcmInput& input, int encrypt);

  std::array<CipherPtr, 3> ciphers_;
  // One for each key length: to give a context another cipher makes it anew.
  std::array<CipherContextPtr, 3> contexts_;
};

}  // namespace causeway::crypto
