#pragma once

#include <cstdint>

namespace causeway {

/**
 * When a worker lets datagrams gather before it reads them, as a network card holds back interrupts. Each
 * datagram that is read alone costs a wake-up, a system call and a write to the TUN device, several times the
 * work of the packet; many at once share all three. A port that is not in full flow is read at once, so that
 * its latency stays.
 */
class ReceivePace {
 public:
  /** How long datagrams may gather. Ours: half a millisecond is below what paths vary by. */
  static constexpr int64_t kGatherMicroseconds = 500;
  /** So many at once are a full batch: there may be more, and waiting would gain nothing. */
  static constexpr int kFullBatch = 64;

  /** Whether the last rounds were those of a port in full flow. */
  bool isBusy() const { return busy_; }

  /** Whether to wait before the next read. */
  bool gathers() const { return busy_ && last_ < kFullBatch; }

  /** Takes how many single datagrams a round brought, which ended at `now` in microseconds. */
  void note(int datagrams, int64_t now) {
    last_ = datagrams;
    if (busy_) {
      busy_ = datagrams >= kIdleBelow;
      return;
    }
    if (datagrams == 0) return;
    if (now - since_ > kWindowMicroseconds) {
      since_ = now;
      seen_ = 0;
    }
    seen_ += datagrams;
    busy_ = seen_ >= kBusyFrom;
    if (busy_) seen_ = 0;
  }

 private:
  static constexpr int64_t kWindowMicroseconds = 1000;
  /** So many within one window are a port in full flow. */
  static constexpr int kBusyFrom = 10;
  /** Fewer than these after a wait, and the flow is over. */
  static constexpr int kIdleBelow = 4;

  bool busy_ = false;
  int last_ = 0;
  int seen_ = 0;
  int64_t since_ = 0;
};

}  // namespace causeway
