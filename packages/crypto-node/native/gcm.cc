#include "gcm.h"

namespace causeway::crypto {

namespace {

constexpr std::array<const char*, 3> kNames = {"AES-128-GCM", "AES-192-GCM", "AES-256-GCM"};

// The lengths are an int's: they come out of an area of a few thousand bytes.
int lengthOf(ByteView bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

Gcm::Gcm() {
  for (std::size_t i = 0; i < kNames.size(); i++) {
    ciphers_[i].reset(EVP_CIPHER_fetch(nullptr, kNames[i], nullptr));
    contexts_[i].reset(EVP_CIPHER_CTX_new());
    require(ciphers_[i] && contexts_[i], kNames[i]);
  }
}

void Gcm::seal(const GcmInput& input, ByteSpan text, std::span<std::uint8_t, kTagBytes> tag) {
  EVP_CIPHER_CTX* context = begin(input, 1);
  int length = 0;
  require(EVP_CipherUpdate(context, text.data(), &length, text.data(), lengthOf(text)) == 1 &&
              EVP_CipherFinal_ex(context, text.data() + text.size(), &length) == 1 &&
              EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag.data()) == 1,
          "AES-GCM");
}

bool Gcm::open(const GcmInput& input, ByteSpan text, std::span<std::uint8_t, kTagBytes> tag) {
  EVP_CIPHER_CTX* context = begin(input, 0);
  int length = 0;
  require(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
              EVP_CipherUpdate(context, text.data(), &length, text.data(), lengthOf(text)) == 1,
          "AES-GCM");
  return EVP_CipherFinal_ex(context, text.data() + text.size(), &length) == 1;
}

EVP_CIPHER_CTX* Gcm::begin(const GcmInput& input, int encrypt) {
  const std::size_t which = input.key.size() / 8 - 2;
  EVP_CIPHER_CTX* context = contexts_.at(which).get();
  int length = 0;
  require(EVP_CipherInit_ex2(context, ciphers_[which].get(), input.key.data(), input.nonce.data(), encrypt,
                             nullptr) == 1 &&
              EVP_CipherUpdate(context, nullptr, &length, input.associated.data(), lengthOf(input.associated)) == 1,
          "AES-GCM");
  return context;
}

}  // namespace causeway::crypto
