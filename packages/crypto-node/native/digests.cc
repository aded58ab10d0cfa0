#include "digests.h"

#include <openssl/core_names.h>
#include <openssl/params.h>

namespace causeway::crypto {

namespace {

constexpr std::array<const char*, kDigests> kNames = {"MD5", "SHA1", "SHA2-256", "SHA2-384", "SHA2-512"};

MacContextPtr createHmac(EVP_MAC* hmac, const char* digest) {
  MacContextPtr context(EVP_MAC_CTX_new(hmac));
  // OpenSSL's parameters are not const, though it only reads this one.
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, const_cast<char*>(digest), 0),
      OSSL_PARAM_construct_end(),
  };
  require(context && EVP_MAC_CTX_set_params(context.get(), parameters) == 1, "HMAC");
  return context;
}

}  // namespace

Digests::Digests() : context_(EVP_MD_CTX_new()) {
  const MacPtr hmac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  require(hmac && context_, "HMAC");
  for (std::size_t i = 0; i < kDigests; i++) {
    digests_[i].reset(EVP_MD_fetch(nullptr, kNames[i], nullptr));
    require(digests_[i] != nullptr, kNames[i]);
    macs_[i] = createHmac(hmac.get(), kNames[i]);
  }
}

std::size_t Digests::hash(std::size_t digest, ByteView data, ByteSpan result) {
  EVP_MD_CTX* context = context_.get();
  unsigned int length = 0;
  require(EVP_DigestInit_ex2(context, digests_[digest].get(), nullptr) == 1 &&
              EVP_DigestUpdate(context, data.data(), data.size()) == 1 &&
              EVP_DigestFinal_ex(context, result.data(), &length) == 1,
          "hash");
  return length;
}

std::size_t Digests::hmac(std::size_t digest, ByteView key, ByteView data, ByteSpan result) {
  EVP_MAC_CTX* context = macs_[digest].get();
  std::size_t length = 0;
  require(EVP_MAC_init(context, key.data(), key.size(), nullptr) == 1 &&
              EVP_MAC_update(context, data.data(), data.size()) == 1 &&
              EVP_MAC_final(context, result.data(), &length, result.size()) == 1,
          "HMAC");
  return length;
}

}  // namespace causeway::crypto
