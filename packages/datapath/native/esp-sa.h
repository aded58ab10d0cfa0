#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "data-cipher.h"
#include "esp-format.h"
#include "traffic-selector.h"

namespace causeway {

struct EspSaOptions {
  /** SPI of what is received; names the pair. */
  uint32_t keyId;
  /** SPI of what is sent. */
  uint32_t sendSpi;
  /** As `FlowKey::sequence`. */
  uint32_t sequence;
  CipherKind cipher;
  /** Of CBC. */
  DigestKind digest;
  bool extendedSequence;
  uint32_t replayWindow;
  /** `authKey` of AES-GCM: the 4-byte salt. */
  DirectionSecret send;
  DirectionSecret receive;
  Selectors selectors;
  /** 0: none. */
  uint64_t packetLimit;
  uint64_t byteLimit;
  uint64_t hardPacketLimit;
  uint64_t hardByteLimit;
};

/**
 * A pair of ESP SAs in tunnel mode (RFC 4303): AES-GCM with a 16-byte tag (RFC 4106), or AES-CBC (RFC 3602)
 * with a truncated HMAC (RFC 2404, RFC 4868). `seal` may be called from several threads at once, each with a
 * lane number of its own; `open` is for one thread at a time.
 */
class EspSa final : public FlowKey {
 public:
  /** Past this number an SA of 32-bit numbers asks for its successor. */
  static constexpr uint64_t kSequenceWarning = 0xff000000;
  /** RFC 4303 §3.3.3: numbers never cycle. */
  static constexpr uint64_t kLastSequence = 0xffffffff;

  EspSa(const EspSaOptions& options, size_t lanes);
  ~EspSa() override;

  const Selectors& selectors() const { return options_.selectors; }

  /** The exact length of the ESP packet around an IP packet of `length` bytes. */
  size_t sealedLength(size_t length) const {
    return kEspHeaderLength + ivLength_ + length + espTrailerLength(length, alignment_) + icvLength_;
  }

  /**
   * Writes the ESP packet to `out`, which has room for `sealedLength`. Gives its length; 0 when the SA may
   * carry nothing more. `packet` has `kSealTailroom` after it.
   */
  size_t seal(size_t lane, RandomPool& random, MutableBytes packet, uint8_t* out);

  /** Opens an ESP packet, from its SPI on, in place. */
  Opened open(MutableBytes packet);

  /** What was carried is counted by packet here: the arguments say nothing new. */
  LimitsPassed charge(uint64_t packets, uint64_t bytes) override;

  /** For tests: the next sequence number. */
  void setNextSequence(uint64_t next) { nextSequence_.store(next); }

 private:
  struct SendLane {
    std::optional<AeadContext> aead;
    std::optional<CbcContext> cbc;
  };

  SendLane& sendLane(size_t lane);
  bool sealGcm(AeadContext& context, uint64_t sequence, Bytes plaintext, uint8_t* out) const;
  bool sealCbc(CbcContext& context, RandomPool& random, uint64_t sequence, Bytes plaintext,
               uint8_t* out) const;
  bool openGcm(MutableBytes packet, MutableBytes body, uint64_t sequence);
  bool openCbc(MutableBytes packet, MutableBytes body, uint64_t sequence);
  bool chargeReceived(size_t bytes);

  EspSaOptions options_;
  size_t ivLength_;
  size_t icvLength_;
  size_t alignment_;
  uint64_t lastSequence_;
  std::vector<std::unique_ptr<SendLane>> lanes_;
  std::optional<AeadContext> receiveAead_;
  std::optional<CbcContext> receiveCbc_;
  ReplayWindow window_;

  /** On a line of their own: senders of all threads draw from them. */
  alignas(64) std::atomic<uint64_t> nextSequence_{1};
  std::atomic<uint64_t> bytes_{0};
  /** Written by the one thread that receives. */
  std::atomic<uint64_t> packetsReceived_{0};
  std::atomic<bool> softRaised_{false};
  std::atomic<bool> hardRaised_{false};
};

}  // namespace causeway
