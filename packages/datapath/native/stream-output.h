#pragma once

#include <cstdlib>
#include <memory>
#include <mutex>

#include "stream-framer.h"

namespace causeway {

struct FreeMemory {
  void operator()(uint8_t* memory) const { free(memory); }
};

/** Memory that may be handed to JavaScript as it is. */
struct TakenOutput {
  std::unique_ptr<uint8_t, FreeMemory> memory;
  size_t length = 0;
  /** Control packets are among it. */
  bool control = false;

  Bytes bytes() const { return {memory.get(), length}; }
};

/**
 * What waits to be written to a stream, each packet framed, in one piece. Workers
 * seal straight into it. They hold the lock for all packets of one read, so that packet ids go out in
 * order: OpenVPN peers may insist on that over TCP.
 */
class StreamOutput {
 public:
  /** Bytes waiting past which data packets are dropped, if they have waited long. Ours. */
  static constexpr size_t kLimit = 262144;
  /**
   * Milliseconds: a taker that is only behind for a moment has more room, one whose socket is full has not.
   * Ours.
   */
  static constexpr int64_t kPatience = 20;
  /** Bytes past which data packets are dropped in any case. Ours. */
  static constexpr size_t kBurstLimit = 4 * kLimit;

  /**
   * Bytes of control packets waiting past which more are dropped. Ours. OpenVPN's engine bounds them itself;
   * SSTP's answers whatever a peer sends, who need not read.
   */
  static constexpr size_t kSstpControlLimit = 65536;

  explicit StreamOutput(Framing framing)
      : lengthBytes_(framing == Framing::kOpenVpn ? StreamFramer::kLengthBytes : 0),
        controlLimit_(framing == Framing::kSstp ? kSstpControlLimit : SIZE_MAX) {}

  std::mutex& mutex() { return mutex_; }

  // All below: with the mutex held.

  /** Room for one framed control packet; null past the limit, or on a stream that ended or broke. */
  uint8_t* reserveControl(size_t length, int64_t now);
  /** Room for one framed data packet, or null past the limits. `now` in milliseconds. */
  uint8_t* reserveData(size_t length, int64_t now);
  /** Queues what was written to the room. */
  void commit(size_t length);
  /** Whether the taker is to be told now; true once for each time it found nothing. */
  bool announce();
  /** The same when there is something to tell that is not here. */
  bool wake();
  /** All that waits; without memory when nothing does. */
  TakenOutput take();
  /** A stream that ended or broke takes no more. */
  void close() { closed_ = true; }
  bool isEmpty() const { return used_ == 0; }

 private:
  uint8_t* reserve(size_t needed, int64_t now);
  bool grow(size_t needed);
  bool resize(size_t capacity);

  const size_t lengthBytes_;
  const size_t controlLimit_;
  std::mutex mutex_;
  std::unique_ptr<uint8_t, FreeMemory> memory_;
  size_t capacity_ = 0;
  size_t used_ = 0;
  size_t lastTaken_ = 0;
  /** Since when something waits. */
  int64_t waitingSince_ = 0;
  bool idle_ = true;
  size_t controlBytes_ = 0;
  bool closed_ = false;
};

}  // namespace causeway
