#include "outbound.h"

#include "ip-packet.h"

namespace causeway {

namespace {

constexpr size_t kLongestPayload = 1280;

}  // namespace

Outbound::Outbound(DatapathState& state, size_t lane)
    : state_(state),
      lane_(lane),
      batch_(state, lane),
      scratch_(new uint8_t[kSealHeadroom + kLongestPayload + kSealTailroom]) {}

void Outbound::sendFromHost(MutableBytes bytes, const VirtioHeader& header) {
  IpPacket packet;
  Flow* flow = parseIpPacket(bytes, packet) ? state_.routeOf(packet.version, packet.destination) : nullptr;
  if (!flow || !segmenter_.start(bytes, header)) {
    state_.noRoute.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const bool whole = header.gsoType == kVirtioGsoNone;
  sendAll(*flow, true, [&](MutableBytes& next) {
    if (!segmenter_.next(next)) return false;
    if (whole) clampMss(next, packet, flow->clampBytes);
    return true;
  });
}

void Outbound::sendInner(Flow& flow, MutableBytes packet) {
  sendAll(flow, true, [&, given = false](MutableBytes& next) mutable {
    next = packet;
    return !std::exchange(given, true);
  });
}

void Outbound::sendPayload(Flow& flow, Bytes payload) {
  if (payload.size() > kLongestPayload) return;
  uint8_t* place = scratch_.get() + kSealHeadroom;
  memcpy(place, payload.data(), payload.size());
  sendAll(flow, false, [&, given = false](MutableBytes& next) mutable {
    next = {place, payload.size()};
    return !std::exchange(given, true);
  });
}

/**
 * Sends what `packets` gives until it gives no more; for a stream under one lock, so that ids stay in order.
 *
 */
template <typename Packets>
void Outbound::sendAll(Flow& flow, bool inner, Packets&& packets) {
  Route route{flow,
              flow.path.load(std::memory_order_acquire),
              flow.sending.load(std::memory_order_acquire),
              {},
              inner};
  const bool open = route.path && route.slot && (route.path->port || route.path->stream);
  if (open) route.header = flow.headerFor(route.slot->keyId());
  MutableBytes packet;
  if (!open) {
    while (packets(packet)) flow.count(kSendDrops);
  } else if (route.path->port) {
    while (packets(packet)) sendDatagram(route, packet);
  } else {
    StreamOutput& output = route.path->stream->output;
    bool announce;
    {
      const std::lock_guard lock(output.mutex());
      while (packets(packet)) putOnStream(route, packet);
      announce = output.announce();
    }
    if (announce) {
      state_.events.put(
          {.type = EventType::kStreamOutput, .id = route.path->stream->id, .remote = {}, .bytes = {}});
    }
  }
}

void Outbound::sendDatagram(Route& route, MutableBytes payload) {
  uint8_t* place = batch_.reserve(route.header.length + route.slot->sealedLength(payload));
  const size_t length = route.slot->seal(lane_, random_, route.header, payload, place);
  if (length == 0) return route.flow.count(kSendDrops);
  const uint32_t bytes = route.inner ? static_cast<uint32_t>(payload.size()) : 0;
  batch_.commit(route.flow, *route.path, *route.slot, length, route.inner ? 1 : 0, bytes);
}

void Outbound::putOnStream(Route& route, MutableBytes payload) {
  StreamOutput& output = route.path->stream->output;
  // Room first: a packet that is dropped must not use up an id.
  const int64_t now = state_.now();
  uint8_t* place = output.reserveData(route.header.length + route.slot->sealedLength(payload), now);
  const size_t length = place ? route.slot->seal(lane_, random_, route.header, payload, place) : 0;
  if (length == 0) return route.flow.count(kSendDrops);
  output.commit(length);
  route.flow.lastSent.store(now, std::memory_order_relaxed);
  if (route.inner) {
    route.flow.count(kPacketsSent);
    route.flow.count(kBytesSent, payload.size());
  }
  if (route.slot->account(1, payload.size())) {
    state_.events.put({.type = EventType::kSoftLimit,
                       .id = route.flow.id,
                       .keyId = route.slot->keyId(),
                       .remote = {},
                       .bytes = {}});
  }
}

}  // namespace causeway
