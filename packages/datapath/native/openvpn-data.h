#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "compression-framing.h"
#include "data-cipher.h"
#include "epoch-keys.h"
#include "flow-key.h"
#include "replay-window.h"

namespace causeway {

/** Opcodes of the data channel, in the upper five bits of the first byte; the lower three are the key id. */
constexpr uint8_t kOpcodeDataV1 = 6;
constexpr uint8_t kOpcodeDataV2 = 9;
inline bool isDataOpcode(uint8_t first) { return first >> 3 == kOpcodeDataV1 || first >> 3 == kOpcodeDataV2; }

/** The payload that keeps a path open; never an IP packet. */
constexpr uint8_t kPingPayload[16] = {0x2a, 0x18, 0x7b, 0xf3, 0x64, 0x1e, 0xb4, 0xcb,
                                      0x07, 0xed, 0x2d, 0x0a, 0x98, 0x1f, 0xc7, 0x48};

/** What stands before the packet id: opcode and key id, and in P_DATA_V2 the peer-id. */
struct DataHeader {
  uint8_t bytes[4];
  uint8_t length;
};

constexpr size_t dataHeaderLength(uint8_t first) { return first >> 3 == kOpcodeDataV2 ? 4 : 1; }

struct KeySlotOptions {
  uint8_t keyId;
  /**
   * Counts the slots that a flow was given, so that a packet of an older slot is not taken for the newest.
   *
   */
  uint32_t sequence;
  CipherKind cipher;
  DigestKind digest;
  bool epoch;
  Compression compression;
  DirectionSecret send;
  DirectionSecret receive;
  uint64_t packetLimit;
  uint64_t byteLimit;
};

static_assert(4 + kFramingHeadroom <= kSealHeadroom && kFramingTailroom <= kSealTailroom);

/** An upper bound of what sealing adds to a payload. */
constexpr size_t kLongestSealing = 4 + kLongestDigest + kBlockLength + 4 + kBlockLength + kFramingHeadroom;

/**
 * One key id of a flow: both directions of OpenVPN's data channel. `seal` may be called from several
 * threads at once, each with a lane number of its own, since ids are drawn atomically and each lane
 * has its own cipher context, made on first use. `open` is for one thread at a time.
 */
class KeySlot final : public FlowKey {
 public:
  /** After this id a slot asks for its successor (as OpenVPN does); ids never wrap. */
  static constexpr uint64_t kIdWarning = 0xff000000;
  static constexpr uint64_t kLastId = 0xffffffff;

  KeySlot(const KeySlotOptions& options, size_t lanes);
  ~KeySlot() override;

  /** The exact length of a sealed payload, without the data header. */
  size_t sealedLength(Bytes payload) const;

  /**
   * Writes header and sealed payload to `out`, which has room for `sealedLength`. Gives the length; 0: ids
   * used up.
   */
  size_t seal(size_t lane, RandomPool& random, const DataHeader& header, MutableBytes payload, uint8_t* out);

  /** Opens a packet whose data header has `headerLength` bytes, to `out`, or in place when `out` is null. */
  Opened open(MutableBytes packet, size_t headerLength, uint8_t* out);

  LimitsPassed charge(uint64_t packets, uint64_t bytes) override;

  /** For tests: the next packet id. */
  void setNextId(uint64_t id) { nextId_.store(id); }
  /** For tests: moves the sender to its next epoch. */
  void advanceSendEpoch() { sendKeys_->advanceTo(static_cast<uint16_t>(sendKeys_->epoch() + 1), nextId_); }

 private:
  struct SendLane {
    std::optional<AeadContext> aead;
    std::optional<CbcContext> cbc;
    uint16_t epoch = 0;
    uint8_t iv[kNonceLength];
  };

  SendLane& sendLane(size_t lane);
  size_t sealStandard(SendLane& lane, const DataHeader& header, Bytes framed, uint8_t* out);
  size_t sealEpoch(SendLane& lane, const DataHeader& header, Bytes framed, uint8_t* out);
  size_t sealCbc(SendLane& lane, RandomPool& random, const DataHeader& header, MutableBytes framed,
                 uint8_t* out);
  Opened openStandard(MutableBytes packet, size_t headerLength, uint8_t* out);
  Opened openEpoch(MutableBytes packet, size_t headerLength, uint8_t* out);
  Opened openCbc(MutableBytes packet, size_t headerLength, uint8_t* out);
  Opened judge(ReplayWindow::Verdict verdict, MutableBytes framed);

  KeySlotOptions options_;
  std::atomic<uint64_t> nextId_;
  std::vector<std::unique_ptr<SendLane>> lanes_;
  std::optional<AeadContext> receiveAead_;
  std::optional<CbcContext> receiveCbc_;
  std::unique_ptr<ReplayWindow> window_;
  std::unique_ptr<EpochSendKeys> sendKeys_;
  std::unique_ptr<EpochReceiveKeys> receiveKeys_;
  std::atomic<uint64_t> packets_{0};
  std::atomic<uint64_t> bytes_{0};
  std::atomic<bool> limitRaised_{false};
};

}  // namespace causeway
