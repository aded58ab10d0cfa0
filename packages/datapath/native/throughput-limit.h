#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace causeway {

/**
 * What all flows together may carry, both directions: a leaky bucket that any number of threads fill. Without a limit
 * it is one load and one branch.
 */
class ThroughputLimit {
 public:
  /** Ours: a connection's window comes at once, and what is dropped of it costs more than its share. */
  static constexpr int64_t kBurstNanoseconds = 100'000'000;

  /** Bytes a second; 0: no limit. */
  void set(uint64_t bytesPerSecond) {
    rate_.store(bytesPerSecond, std::memory_order_relaxed);
    // What went before at another rate is not held against what follows.
    emptyAt_.store(0, std::memory_order_relaxed);
  }

  bool isOn() const { return rate_.load(std::memory_order_relaxed) != 0; }

  /** Whether a packet of so many bytes may go on at `now`, in milliseconds. One that may not is counted. */
  bool admits(uint64_t bytes, int64_t now) {
    const uint64_t rate = rate_.load(std::memory_order_relaxed);
    if (rate == 0) return true;
    const int64_t nanoseconds = now * 1'000'000;
    const int64_t cost = static_cast<int64_t>(bytes * 1'000'000'000 / rate);
    int64_t emptyAt = emptyAt_.load(std::memory_order_relaxed);
    int64_t from;
    do {
      from = std::max(emptyAt, nanoseconds);
      if (from - nanoseconds > kBurstNanoseconds) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return false;
      }
    } while (!emptyAt_.compare_exchange_weak(emptyAt, from + cost, std::memory_order_relaxed));
    return true;
  }

  /** Packets that might not go on. */
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  std::atomic<uint64_t> rate_{0};
  /** When the bucket will be empty, in nanoseconds. */
  std::atomic<int64_t> emptyAt_{0};
  std::atomic<uint64_t> dropped_{0};
};

}  // namespace causeway
