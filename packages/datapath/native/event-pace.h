#pragma once

#include <atomic>
#include <cstdint>

namespace causeway {

/** Lets a burst through and then one each interval, from any number of threads (a leaky bucket). */
class EventPace {
 public:
  EventPace() = default;
  /** One each `interval` milliseconds, after at most `burst` at once. */
  constexpr EventPace(int64_t interval, int64_t burst) : interval_(interval), burst_(burst) {}

  /** Whether one more may go at `now`, in milliseconds. */
  bool admits(int64_t now) {
    int64_t emptyAt = emptyAt_.load(std::memory_order_relaxed);
    const int64_t from = emptyAt > now ? emptyAt : now;
    if (from - now > interval_ * (burst_ - 1)) return false;
    // A thread that was overtaken has nothing to add.
    return emptyAt_.compare_exchange_strong(emptyAt, from + interval_, std::memory_order_relaxed);
  }

 private:
  /** Ours. A path's MTU is told to a connection once; some are lost or come for several connections. */
  int64_t interval_ = 100;
  int64_t burst_ = 10;

  /** When the bucket will be empty. */
  std::atomic<int64_t> emptyAt_{0};
};

}  // namespace causeway
