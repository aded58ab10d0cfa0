#include "epoch-keys.h"

#include <openssl/crypto.h>

#include <stdexcept>
#include <utility>

namespace causeway {

namespace {

/** Packets and blocks that one AES-GCM key may seal for a confidentiality margin of 2^-57. */
constexpr uint64_t kGcmUsageLimit = uint64_t{1} << 36;

void derive(const uint8_t* secret, const char* label, MutableBytes out) {
  if (!expandLabel(secret, label, out)) throw std::runtime_error("epoch keys could not be derived");
}

}  // namespace

void deriveEpochKey(const uint8_t* secret, CipherKind cipher, EpochKey& key) {
  derive(secret, "data_key", {key.key, cipherKeyLength(cipher)});
  derive(secret, "data_iv", {key.iv, sizeof key.iv});
}

void ratchetEpochSecret(uint8_t* secret) {
  uint8_t next[kEpochSecretLength];
  derive(secret, "datakey upd", {next, sizeof next});
  memcpy(secret, next, sizeof next);
  OPENSSL_cleanse(next, sizeof next);
}

void epochNonce(const uint8_t* iv, uint64_t id, uint8_t* nonce) {
  store64(nonce, load64(iv) ^ id);
  memcpy(nonce + 8, iv + 8, kNonceLength - 8);
}

EpochSendKeys::EpochSendKeys(const uint8_t* secret, CipherKind cipher) : cipher_(cipher) {
  memcpy(secret_, secret, sizeof secret_);
}

EpochSendKeys::~EpochSendKeys() { OPENSSL_cleanse(secret_, sizeof secret_); }

bool EpochSendKeys::keysOf(uint16_t epoch, EpochKey& key) {
  const std::lock_guard lock(mutex_);
  if (this->epoch() != epoch) return false;
  deriveEpochKey(secret_, cipher_, key);
  return true;
}

void EpochSendKeys::charge(size_t length, std::atomic<uint64_t>& nextId) {
  const uint64_t cost = 1 + (length + kBlockLength - 1) / kBlockLength;
  const uint64_t used = used_.fetch_add(cost, std::memory_order_relaxed) + cost;
  if (cipher_ == CipherKind::kChaCha20Poly1305 || used < kGcmUsageLimit) return;
  const uint16_t epoch = this->epoch();
  if (epoch < kLastEpoch) advanceTo(static_cast<uint16_t>(epoch + 1), nextId);
}

void EpochSendKeys::advanceTo(uint16_t epoch, std::atomic<uint64_t>& nextId) {
  const std::lock_guard lock(mutex_);
  if (this->epoch() >= epoch) return;
  for (uint16_t at = this->epoch(); at < epoch; at++) ratchetEpochSecret(secret_);
  used_.store(0, std::memory_order_relaxed);
  epoch_.store(epoch, std::memory_order_relaxed);
  nextId.store(uint64_t{epoch} << kEpochCounterBits | 1);
}

EpochReceiveKeys::EpochReceiveKeys(const uint8_t* secret, CipherKind cipher) : cipher_(cipher) {
  memcpy(secret_, secret, sizeof secret_);
  EpochKey first;
  deriveEpochKey(secret_, cipher_, first);
  current_ = std::make_unique<Epoch>();
  load(*current_, kFirstEpoch, first);
  OPENSSL_cleanse(&first, sizeof first);
  fill(0);
}

EpochReceiveKeys::~EpochReceiveKeys() {
  OPENSSL_cleanse(secret_, sizeof secret_);
  OPENSSL_cleanse(future_, sizeof future_);
}

EpochReceiveKeys::Epoch* EpochReceiveKeys::find(uint16_t epoch) {
  if (epoch == current_->number) return current_.get();
  if (retiring_ && epoch == retiring_->number) return retiring_.get();
  if (epoch < current_->number || epoch - current_->number > kFuture) return nullptr;
  if (!candidate_) candidate_ = std::make_unique<Epoch>();
  if (candidate_->number != epoch) load(*candidate_, epoch, future_[epoch - current_->number - 1]);
  return candidate_.get();
}

bool EpochReceiveKeys::confirm(Epoch& epoch) {
  if (&epoch != candidate_.get()) return false;
  const size_t steps = static_cast<size_t>(epoch.number - current_->number);
  memmove(future_, future_ + steps, (kFuture - steps) * sizeof future_[0]);
  retiring_ = std::move(current_);
  current_ = std::move(candidate_);
  fill(kFuture - steps);
  return true;
}

void EpochReceiveKeys::load(Epoch& epoch, uint16_t number, const EpochKey& key) {
  epoch.context = std::make_unique<AeadContext>(cipher_, key.key, Direction::kOpen);
  epoch.number = number;
  memcpy(epoch.iv, key.iv, sizeof epoch.iv);
  epoch.window = ReplayWindow();
}

/** Derives the future keys from index `from` on. */
void EpochReceiveKeys::fill(size_t from) {
  for (size_t i = from; i < kFuture; i++) {
    ratchetEpochSecret(secret_);
    deriveEpochKey(secret_, cipher_, future_[i]);
  }
}

}  // namespace causeway
