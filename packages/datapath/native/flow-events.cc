#include "flow-events.h"

namespace causeway {

void raiseRejected(DatapathState& state, Flow& flow, int64_t now) {
  Event event{.type = EventType::kRejected, .id = flow.id};
  event.authenticationFailures = flow.rejectedFailures.exchange(0, std::memory_order_relaxed);
  event.replays = flow.rejectedReplays.exchange(0, std::memory_order_relaxed);
  if (event.authenticationFailures + event.replays == 0) return;
  flow.rejectedAt.store(now, std::memory_order_relaxed);
  state.events.put(std::move(event));
}

void chargeKey(DatapathState& state, const Flow& flow, FlowKey& key, uint64_t packets, uint64_t bytes) {
  const LimitsPassed passed = key.charge(packets, bytes);
  if (passed.soft) state.events.put({.type = EventType::kSoftLimit, .id = flow.id, .keyId = key.keyId()});
  if (passed.hard) state.events.put({.type = EventType::kHardLimit, .id = flow.id, .keyId = key.keyId()});
}

void raiseUnknownSpi(DatapathState& state, uint32_t port, const SocketAddress& remote,
                     const SocketAddress& local, uint32_t spi) {
  const int64_t now = state.now();
  int64_t last = state.unknownSpiAt.load(std::memory_order_relaxed);
  if (now - last < kEventInterval || !state.unknownSpiAt.compare_exchange_strong(last, now)) return;
  state.events.put(
      {.type = EventType::kUnknownSpi, .id = port, .keyId = spi, .remote = remote, .local = local});
}

}  // namespace causeway
