#pragma once

#include "bytes.h"

namespace causeway {

/** Which limits of a key were passed just now; each is told once. */
struct LimitsPassed {
  bool soft = false;
  bool hard = false;
};

/** What one opened packet was. */
struct Opened {
  enum class Status : uint8_t {
    kPayload,
    /** Too short for its format. */
    kMalformed,
    kUnauthentic,
    /** Authentic, but its id was seen before or is too old. */
    kReplay,
    /** Authentic, but what is inside is not what the format allows, or the key may carry nothing more. */
    kRefused,
    /** Authentic, and meant to carry nothing. */
    kDummy,
  };
  Status status;
  /** Authentic, and its id is newer than any before with this key. */
  bool newest;
  MutableBytes payload;
};

constexpr Opened unopened(Opened::Status status) { return {status, false, {}}; }

/**
 * What a payload that is sealed must have before and after it in the same writable memory: each format says
 * how much of that it uses, and leaves it as it was.
 */
constexpr size_t kSealHeadroom = 8;
constexpr size_t kSealTailroom = 32;

/**
 * One key of a flow, in both directions: OpenVPN's key slot or a pair of ESP SAs. Sealing and opening are
 * members of the two kinds, called by what the flow's protocol is; what all kinds share is called once for a
 * batch.
 */
class FlowKey {
 public:
  FlowKey(uint32_t keyId, uint32_t sequence) : keyId_(keyId), sequence_(sequence) {}
  virtual ~FlowKey() = default;
  FlowKey(const FlowKey&) = delete;
  FlowKey& operator=(const FlowKey&) = delete;

  uint32_t keyId() const { return keyId_; }
  /** Counts the keys that a flow was given, so that a packet of an older one is not taken for the newest. */
  uint32_t sequence() const { return sequence_; }

  /** Charges what a batch carried, sent or received, and says which limits that passed. */
  virtual LimitsPassed charge(uint64_t packets, uint64_t bytes) = 0;

 private:
  uint32_t keyId_;
  uint32_t sequence_;
};

}  // namespace causeway
