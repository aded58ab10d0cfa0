// The N-API face. Arguments and results lie in one area of bytes that TypeScript writes and reads, one behind the
// other from its start: to hand arrays over would cost more than most of what is done with them. The calls say only
// how long the parts are, and are checked against the area.
#include <napi.h>
#include <openssl/obj_mac.h>
#include <openssl/opensslv.h>
#include <openssl/rand.h>

#include <array>
#include <optional>

#include "curves.h"
#include "digests.h"
#include "gcm.h"

namespace {

using namespace causeway::crypto;

// Longer than the messages of a handshake; what is longer goes through node:crypto.
constexpr std::size_t kAreaBytes = 16384;

std::size_t countOf(const Napi::CallbackInfo& info, std::size_t index) {
  const Napi::Value value = info[index];
  if (!value.IsNumber()) throw Napi::TypeError::New(info.Env(), "expected a number");
  return value.As<Napi::Number>().Uint32Value();
}

// Gives out the parts of the area, one behind the other.
class Parts {
 public:
  Parts(Napi::Env env, ByteSpan area) : env_(env), area_(area) {}

  ByteSpan take(std::size_t length) {
    if (length > area_.size() - taken_) throw Napi::RangeError::New(env_, "longer than the area");
    taken_ += length;
    return area_.subspan(taken_ - length, length);
  }

  // Leaves nothing of the parts behind the first bytes.
  void wipeFrom(std::size_t length) const {
    if (length < taken_) OPENSSL_cleanse(area_.data() + length, taken_ - length);
  }

 private:
  Napi::Env env_;
  ByteSpan area_;
  std::size_t taken_ = 0;
};

// OpenSSL promises that code built for x.y runs on x.z with z >= y. The library is Node's own, so another
// Node than the one built for may bring an older or a different one.
void requireOpenSsl(Napi::Env env) {
  const unsigned long running = OpenSSL_version_num();
  const bool sameMajor = running >> 28 == OPENSSL_VERSION_NUMBER >> 28;
  if (sameMajor && running >> 20 >= OPENSSL_VERSION_NUMBER >> 20) return;
  throw Napi::Error::New(env, std::string("the native addon was built for OpenSSL ") + OPENSSL_VERSION_STR +
                                  ", but this Node has " + OpenSSL_version(OPENSSL_VERSION_STRING) +
                                  ": run `npm run build:native` with this Node");
}

// One for each thread of JavaScript that loads it: nothing here is shared.
class CryptoAddon : public Napi::Addon<CryptoAddon> {
 public:
  CryptoAddon(Napi::Env env, Napi::Object exports) {
    requireOpenSsl(env);
    create(env);
    auto array = Napi::Uint8Array::New(env, kAreaBytes);
    area_ = {array.Data(), array.ByteLength()};
    held_ = Napi::Persistent(array.As<Napi::Object>());
    DefineAddon(exports, {
                             InstanceValue("area", array, napi_enumerable),
                             InstanceMethod<&CryptoAddon::guarded<&CryptoAddon::random>>("random"),
                             InstanceMethod<&CryptoAddon::guarded<&CryptoAddon::hash>>("hash"),
                             InstanceMethod<&CryptoAddon::guarded<&CryptoAddon::hmac>>("hmac"),
                             InstanceMethod<&CryptoAddon::guarded<&CryptoAddon::seal>>("seal"),
                             InstanceMethod<&CryptoAddon::guarded<&CryptoAddon::open>>("open"),
                             InstanceMethod<&CryptoAddon::guarded<&CryptoAddon::ecpPublicValue>>("ecpPublicValue"),
                             InstanceMethod<&CryptoAddon::guarded<&CryptoAddon::ecpAgree>>("ecpAgree"),
                             InstanceMethod<&CryptoAddon::guarded<&CryptoAddon::x25519PublicValue>>("x25519PublicValue"),
                             InstanceMethod<&CryptoAddon::guarded<&CryptoAddon::x25519Agree>>("x25519Agree"),
                         });
  }

 private:
  void create(Napi::Env env) {
    const ErrorQueueGuard guard;
    try {
      digests_.emplace();
      gcm_.emplace();
      curves_[0].emplace(NID_X9_62_prime256v1, 32);
      curves_[1].emplace(NID_secp384r1, 48);
    } catch (const std::runtime_error& error) {
      throw Napi::Error::New(env, error.what());
    }
  }

  template <bool (CryptoAddon::*Run)(const Napi::CallbackInfo&, Parts&)>
  Napi::Value guarded(const Napi::CallbackInfo& info) {
    const ErrorQueueGuard guard;
    Parts parts(info.Env(), area_);
    try {
      return Napi::Boolean::New(info.Env(), (this->*Run)(info, parts));
    } catch (const std::runtime_error& error) {
      throw Napi::Error::New(info.Env(), error.what());
    }
  }

  // random(length)
  bool random(const Napi::CallbackInfo& info, Parts& parts) {
    const ByteSpan bytes = parts.take(countOf(info, 0));
    require(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1, "random");
    return true;
  }

  // hash(digest, length): the area holds the data, then the hash and zeros
  bool hash(const Napi::CallbackInfo& info, Parts& parts) {
    const std::size_t digest = digestOf(info);
    const ByteSpan data = parts.take(countOf(info, 1));
    parts.wipeFrom(digests_->hash(digest, data, area_));
    return true;
  }

  // hmac(digest, key, data): the area holds key and data, then the MAC and zeros
  bool hmac(const Napi::CallbackInfo& info, Parts& parts) {
    const std::size_t digest = digestOf(info);
    const ByteSpan key = parts.take(countOf(info, 1));
    const ByteSpan data = parts.take(countOf(info, 2));
    parts.wipeFrom(digests_->hmac(digest, key, data, area_));
    return true;
  }

  // seal(key, associated, text): the area holds key, nonce, associated data, text and room for the tag;
  // afterwards a key of zeros, and the ciphertext for the text
  bool seal(const Napi::CallbackInfo& info, Parts& parts) {
    const auto [input, key, text, tag] = gcmParts(info, parts);
    gcm_->seal(input, text, tag);
    OPENSSL_cleanse(key.data(), key.size());
    return true;
  }

  // open(key, associated, text): the same the other way; all zeros and false when the tag does not verify
  bool open(const Napi::CallbackInfo& info, Parts& parts) {
    const auto [input, key, text, tag] = gcmParts(info, parts);
    const bool opened = gcm_->open(input, text, tag);
    OPENSSL_cleanse(key.data(), key.size());
    if (!opened) parts.wipeFrom(0);
    return opened;
  }

  // ecpPublicValue(curve): the area holds the secret, then x‖y
  bool ecpPublicValue(const Napi::CallbackInfo& info, Parts& parts) {
    const PrimeCurve& curve = curveOf(info);
    curve.publicValue(parts.take(curve.fieldBytes()), area_);
    return true;
  }

  // ecpAgree(curve): the area holds the secret and the peer's x‖y, then the shared x and zeros; all zeros and false
  // when the peer's point is refused
  bool ecpAgree(const Napi::CallbackInfo& info, Parts& parts) {
    const PrimeCurve& curve = curveOf(info);
    const ByteSpan secret = parts.take(curve.fieldBytes());
    const bool agreed = curve.agree(secret, parts.take(2 * curve.fieldBytes()), area_);
    parts.wipeFrom(agreed ? curve.fieldBytes() : 0);
    return agreed;
  }

  // x25519PublicValue(): the area holds the secret, then the public value
  bool x25519PublicValue(const Napi::CallbackInfo&, Parts& parts) {
    causeway::crypto::x25519PublicValue(parts.take(kX25519Bytes), area_);
    return true;
  }

  // x25519Agree(): as ecpAgree
  bool x25519Agree(const Napi::CallbackInfo&, Parts& parts) {
    const ByteSpan secret = parts.take(kX25519Bytes);
    const bool agreed = causeway::crypto::x25519Agree(secret, parts.take(kX25519Bytes), area_);
    parts.wipeFrom(agreed ? kX25519Bytes : 0);
    return agreed;
  }

  struct GcmParts {
    GcmInput input;
    ByteSpan key;
    ByteSpan text;
    std::span<std::uint8_t, kTagBytes> tag;
  };

  static GcmParts gcmParts(const Napi::CallbackInfo& info, Parts& parts) {
    const std::size_t keyBytes = countOf(info, 0);
    if (keyBytes != 16 && keyBytes != 24 && keyBytes != 32)
      throw Napi::RangeError::New(info.Env(), "a key of 16, 24 or 32 bytes");
    const ByteSpan key = parts.take(keyBytes);
    const ByteSpan nonce = parts.take(kNonceBytes);
    const ByteSpan associated = parts.take(countOf(info, 1));
    const ByteSpan text = parts.take(countOf(info, 2));
    const auto tag = parts.take(kTagBytes).first<kTagBytes>();
    return {{key, nonce, associated}, key, text, tag};
  }

  static std::size_t digestOf(const Napi::CallbackInfo& info) {
    const std::size_t digest = countOf(info, 0);
    if (digest >= kDigests) throw Napi::RangeError::New(info.Env(), "no such digest");
    return digest;
  }

  const PrimeCurve& curveOf(const Napi::CallbackInfo& info) const {
    const std::size_t curve = countOf(info, 0);
    if (curve >= curves_.size()) throw Napi::RangeError::New(info.Env(), "no such curve");
    return *curves_[curve];
  }

  ByteSpan area_;
  Napi::ObjectReference held_;
  std::optional<Digests> digests_;
  std::optional<Gcm> gcm_;
  // ECP-256 and ECP-384.
  std::array<std::optional<PrimeCurve>, 2> curves_;
};

}  // namespace

NODE_API_NAMED_ADDON(causeway_crypto, CryptoAddon)
