#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "data-cipher.h"
#include "replay-window.h"

namespace causeway {

/*
 * Epoch data keys of OpenVPN 2.7 (OpenVPN wire protocol, "OpenVPN epoch data channel keys"): a packet
 * id is a 16-bit epoch and a 48-bit counter, and each epoch has its own key and IV, ratcheted by HKDF.
 */

constexpr uint64_t kEpochCounterBits = 48;
constexpr uint64_t kEpochCounterMask = (uint64_t{1} << kEpochCounterBits) - 1;
constexpr size_t kEpochSecretLength = 32;
constexpr uint16_t kFirstEpoch = 1;
constexpr uint16_t kLastEpoch = 0xffff;

/** Keys for one epoch. */
struct EpochKey {
  uint8_t key[32];
  uint8_t iv[kNonceLength];
};

/** Derives the keys of the epoch that `secret` belongs to. */
void deriveEpochKey(const uint8_t* secret, CipherKind cipher, EpochKey& key);
/** Replaces the secret by the next epoch's. */
void ratchetEpochSecret(uint8_t* secret);
/** The nonce of a packet: its id over the head of the epoch's IV. */
void epochNonce(const uint8_t* iv, uint64_t id, uint8_t* nonce);

/** The sender's side: which epoch to seal with, and when to go on to the next. */
class EpochSendKeys {
 public:
  EpochSendKeys(const uint8_t* secret, CipherKind cipher);
  ~EpochSendKeys();

  uint16_t epoch() const { return epoch_.load(std::memory_order_relaxed); }

  /** The keys of an epoch, if it is still the current one. */
  bool keysOf(uint16_t epoch, EpochKey& key);

  /** Charges one packet and goes to the next epoch when this one has sealed what is safe. */
  void charge(size_t length, std::atomic<uint64_t>& nextId);

  /** Goes to an epoch later than the current one; earlier ones change nothing. Starts its ids at 1. */
  void advanceTo(uint16_t epoch, std::atomic<uint64_t>& nextId);

 private:
  std::mutex mutex_;
  uint8_t secret_[kEpochSecretLength];
  CipherKind cipher_;
  std::atomic<uint16_t> epoch_{kFirstEpoch};
  std::atomic<uint64_t> used_{0};
};

/** The receiver's side: the current epoch, the one before it, and keys for those that may come. */
class EpochReceiveKeys {
 public:
  /** How far ahead of the current epoch a packet may be. */
  static constexpr uint16_t kFuture = 16;

  EpochReceiveKeys(const uint8_t* secret, CipherKind cipher);
  ~EpochReceiveKeys();

  struct Epoch {
    uint16_t number = 0;
    uint8_t iv[kNonceLength];
    std::unique_ptr<AeadContext> context;
    ReplayWindow window;
  };

  /** The keys for a packet of this epoch, not yet authentic; null when it is out of reach. */
  Epoch* find(uint16_t epoch);

  /** After a packet of this epoch was authentic: a later epoch becomes the current one. True when it does. */
  bool confirm(Epoch& epoch);

  bool isCurrent(const Epoch& epoch) const { return &epoch == current_.get(); }

 private:
  void load(Epoch& epoch, uint16_t number, const EpochKey& key);
  void fill(size_t from);

  CipherKind cipher_;
  /** Of the furthest future epoch. */
  uint8_t secret_[kEpochSecretLength];
  EpochKey future_[kFuture];
  std::unique_ptr<Epoch> current_;
  std::unique_ptr<Epoch> retiring_;
  /** Loaded for a packet of a future epoch that is not authentic yet. */
  std::unique_ptr<Epoch> candidate_;
};

}  // namespace causeway
