#include "flow-timers.h"

#include <algorithm>

#include "flow-events.h"

namespace causeway {

void FlowTimers::start() {
  next_ = 0;
  running_ = true;
}

bool FlowTimers::step() {
  if (!running_) return false;
  Flow* slice[kSlice];
  size_t count;
  {
    const std::lock_guard lock(state_.flowListMutex);
    // A flow that is closed meanwhile moves another into its place, which then waits for the next round.
    count = std::min(kSlice, state_.flowList.size() - std::min(next_, state_.flowList.size()));
    std::copy_n(state_.flowList.begin() + static_cast<ptrdiff_t>(count ? next_ : 0), count, slice);
    next_ += count;
  }
  const int64_t now = state_.now();
  for (size_t i = 0; i < count; i++) check(*slice[i], now);
  running_ = count == kSlice;
  if (!running_) state_.timerRounds.fetch_add(1);
  return running_;
}

void FlowTimers::check(Flow& flow, int64_t now) {
  if (flow.pingInterval > 0 && flow.sending.load(std::memory_order_acquire) &&
      now - flow.lastSent.load(std::memory_order_relaxed) >= flow.pingInterval) {
    flow.lastSent.store(now, std::memory_order_relaxed);
    outbound_.sendPayload(flow, kPingPayload);
  }
  if (flow.idleTimeout > 0 && now - flow.lastReceived.load(std::memory_order_relaxed) >= flow.idleTimeout &&
      !flow.idleRaised.exchange(true, std::memory_order_relaxed)) {
    state_.events.put({.type = EventType::kIdle, .id = flow.id, .remote = {}, .bytes = {}});
  }
  const bool rejected = flow.rejectedFailures.load(std::memory_order_relaxed) > 0 ||
                        flow.rejectedReplays.load(std::memory_order_relaxed) > 0;
  if (rejected && now - flow.rejectedAt.load(std::memory_order_relaxed) >= kEventInterval) {
    raiseRejected(state_, flow, now);
  }
}

}  // namespace causeway
