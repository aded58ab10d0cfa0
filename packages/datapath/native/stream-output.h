#pragma once

#include <cstdlib>
#include <memory>
#include <mutex>

#include "bytes.h"

namespace causeway {

struct FreeMemory {
  void operator()(uint8_t* memory) const { free(memory); }
};

/** Memory that may be handed to JavaScript as it is. */
struct TakenOutput {
  std::unique_ptr<uint8_t, FreeMemory> memory;
  size_t length = 0;
};

/**
 * What waits to be written to a stream, each packet behind its 16-bit length, in one piece. Workers
 * seal straight into it. They hold the lock for all packets of one read, so that packet ids go out in
 * order: OpenVPN peers may insist on that over TCP.
 */
class StreamOutput {
 public:
  /** Bytes waiting past which data packets are dropped. Ours. */
  static constexpr size_t kLimit = 262144;

  std::mutex& mutex() { return mutex_; }

  // All below: with the mutex held.

  /** Room for one framed packet, or null when data would go past the limit. */
  uint8_t* reserve(size_t length, bool control);
  /** Queues what was written to the room. */
  void commit(size_t length);
  /** Whether the taker is to be told now; true once for each time it found nothing. */
  bool announce();
  /** All that waits; without memory when nothing does. */
  TakenOutput take();
  /** A stream that broke takes no more. */
  void kill() { dead_ = true; }

 private:
  bool grow(size_t needed);

  std::mutex mutex_;
  std::unique_ptr<uint8_t, FreeMemory> memory_;
  size_t capacity_ = 0;
  size_t used_ = 0;
  size_t lastTaken_ = 0;
  bool idle_ = true;
  bool dead_ = false;
};

}  // namespace causeway
