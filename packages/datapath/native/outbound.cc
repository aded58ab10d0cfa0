#include "outbound.h"

#include <sys/uio.h>

#include "ecn.h"
#include "flow-events.h"
#include "ipv4-fragment.h"

namespace causeway {

namespace {

constexpr size_t kLongestPayload = 1280;
/** RFC 8200 §5: every path takes IPv6 packets of this size; a smaller one must fragment outside. */
constexpr uint32_t kLeastIpv6Mtu = 1280;

}  // namespace

Outbound::Outbound(DatapathState& state, size_t lane)
    : state_(state),
      lane_(lane),
      batch_(state, lane),
      scratch_(new uint8_t[kSealHeadroom + kLongestPayload + kSealTailroom]) {}

void Outbound::sendFromHost(MutableBytes bytes, const VirtioHeader& header) {
  IpPacket packet;
  Flow* flow = parseIpPacket(bytes, packet)
                   ? state_.choose(state_.routesOf(packet.version, packet.destination, packet.source))
                   : nullptr;
  if (!flow || !segmenter_.start(bytes, header)) {
    state_.noRoute.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  const bool whole = header.gsoType == kVirtioGsoNone;
  const InnerPacket inner{nullptr, bytes, packet};
  const int64_t now = state_.throughput.isOn() ? state_.now() : 0;
  sendAll(*flow, &inner, [&](MutableBytes& next) {
    do {
      if (!segmenter_.next(next)) return false;
    } while (!state_.throughput.admits(next.size(), now));
    if (whole) clampMss(next, packet, flow->clampBytes);
    return true;
  });
}

void Outbound::sendInner(Flow* from, Flow& to, MutableBytes packet, const IpPacket& header) {
  const InnerPacket inner{from, packet, header};
  sendAll(to, &inner, [&, given = false](MutableBytes& next) mutable {
    next = packet;
    return !std::exchange(given, true);
  });
}

void Outbound::sendPayload(Flow& flow, Bytes payload) {
  if (payload.size() > kLongestPayload) return;
  uint8_t* place = scratch_.get() + kSealHeadroom;
  memcpy(place, payload.data(), payload.size());
  sendAll(flow, nullptr, [&, given = false](MutableBytes& next) mutable {
    next = {place, payload.size()};
    return !std::exchange(given, true);
  });
}

/** Whether there is all it takes to send, and both the flow's limit and an SA's selectors hold the packet. */
bool Outbound::mayCarry(Route& route) {
  if (!route.path || !route.key || !(route.path->port || route.path->stream)) return false;
  if (!route.inner) return true;
  const InnerPacket& inner = *route.inner;
  const Reach* reach = route.flow.reach.load(std::memory_order_acquire);
  // Behind a site there are routers, behind a client none.
  const bool fromClient = inner.from && !inner.from->site;
  if (reach && !reach->holdOutbound(inner.bytes, inner.header, fromClient)) return false;
  // Selectors are about what the peer will see.
  if (route.nat) return true;
  route.mismatch = route.flow.isEsp() && !route.sa().selectors().holdOutbound(inner.bytes, inner.header);
  return !route.mismatch;
}

/**
 * Sends what `packets` gives until it gives no more; for a stream under one lock, so that ids stay in order.
 */
template <typename Packets>
void Outbound::sendAll(Flow& flow, const InnerPacket* inner, Packets&& packets) {
  TooBigMessage tooBig;
  Route route{.flow = flow,
              .path = flow.path.load(std::memory_order_acquire),
              .key = flow.sending.load(std::memory_order_acquire),
              .header = {},
              .inner = inner,
              .tooBig = tooBig,
              .nat = inner ? flow.nat.load(std::memory_order_acquire) : nullptr};
  const bool open = mayCarry(route);
  if (open && flow.protocol == FlowProtocol::kOpenVpn)
    route.header = flow.headerFor(static_cast<uint8_t>(route.key->keyId()));
  MutableBytes packet;
  if (!open) {
    while (packets(packet)) {
      flow.count(kSendDrops);
      if (route.mismatch) flow.count(kSelectorMismatchesSent);
    }
  } else if (route.path->port) {
    if (route.nat) {
      route.now = state_.now();
      while (packets(packet))
        if (translate(route, packet)) sendFitting(route, packet);
      if (tooBig.length > 0) translateBack(*route.nat, tooBig);
    } else {
      while (packets(packet)) sendFitting(route, packet);
    }
  } else {
    StreamOutput& output = route.path->stream->output;
    route.now = state_.now();
    bool announce;
    {
      const std::lock_guard lock(output.mutex());
      while (packets(packet)) sendFitting(route, packet);
      announce = output.announce();
    }
    countStream(route);
    if (announce) state_.events.put({.type = EventType::kStreamOutput, .id = route.path->stream->id});
  }
  // Without a lock: the answer may go by this stream too.
  if (tooBig.length > 0) answer(inner->from, {tooBig.memory + kSealHeadroom, tooBig.length});
}

/** To the addresses that the peer knows, which an SA's selectors must hold. */
bool Outbound::translate(Route& route, MutableBytes packet) {
  IpPacket header;
  const bool isTranslated =
      parseIpPacket(packet, header) && route.nat->translate(packet, header, NatDirection::kOut, route.now);
  if (isTranslated && route.sa().selectors().holdOutbound(packet, header)) return true;
  route.flow.count(kSendDrops);
  route.flow.count(isTranslated ? kSelectorMismatchesSent : kNatDrops);
  return false;
}

/** What tells a sender of packets that were translated is about them as they left it. */
void Outbound::translateBack(Nat& nat, TooBigMessage& message) {
  const MutableBytes bytes(message.memory + kSealHeadroom, message.length);
  IpPacket header;
  if (!parseIpPacket(bytes, header) || !nat.translate(bytes, header, NatDirection::kIn, state_.now()))
    message.length = 0;
}

void Outbound::sendFitting(Route& route, MutableBytes packet) {
  if (packet.size() <= route.flow.innerMtu) return sendOne(route, packet);
  const bool v6 = packet[0] >> 4 == 6;
  const uint32_t mtu = v6 ? std::max(route.flow.innerMtu, kLeastIpv6Mtu) : route.flow.innerMtu;
  if (packet.size() <= mtu) return sendOne(route, packet);
  if (isFragmentable(packet)) return sendFragments(route, packet);
  route.flow.count(kSendDrops);
  refuseTooBig(route, packet, mtu);
}

void Outbound::sendOne(Route& route, MutableBytes packet) {
  if (route.path->port) sendDatagram(route, packet);
  else putOnStream(route, packet);
}

void Outbound::sendFragments(Route& route, MutableBytes packet) {
  Ipv4Fragmenter fragmenter(packet, route.flow.innerMtu);
  MutableBytes fragment;
  while (fragmenter.next(fragment)) sendOne(route, fragment);
}

/** Writes what tells the packet's sender what would fit. */
void Outbound::refuseTooBig(Route& route, Bytes packet, uint32_t mtu) {
  IpPacket header;
  if (!route.inner || route.tooBig.length > 0 || !parseIpPacket(packet, header)) return;
  if (!route.flow.tooBig.admits(state_.now())) return;
  route.tooBig.length = writeTooBig(packet, header, mtu, route.tooBig.memory + kSealHeadroom);
}

/** To a client, or to the host. What is lost here, the sender's next packet asks for again. */
void Outbound::answer(Flow* to, MutableBytes message) {
  IpPacket header;
  if (to && parseIpPacket(message, header)) return sendInner(nullptr, *to, message, header);
  const TunDevice* tun = state_.tun.load(std::memory_order_acquire);
  if (!tun) return;
  VirtioHeader virtio{};
  const iovec parts[2] = {{&virtio, sizeof virtio}, {message.data(), message.size()}};
  while (writev(tun->queue(lane_), parts, 2) < 0 && errno == EINTR) continue;
}

void Outbound::sendDatagram(Route& route, MutableBytes payload) {
  uint8_t* place;
  const size_t length = seal(route, payload, place);
  if (length == 0) return route.flow.count(kSendDrops);
  const uint32_t bytes = route.inner ? static_cast<uint32_t>(payload.size()) : 0;
  const uint8_t ecn = route.flow.isEsp() ? ecnOf(payload.data()) : kNotEct;
  batch_.commit({route.flow, *route.path, *route.key, ecn}, length, route.inner ? 1 : 0, bytes);
}

/** Seals into the batch, and says where; 0: the key may seal no more. */
size_t Outbound::seal(Route& route, MutableBytes payload, uint8_t*& place) {
  if (route.flow.isEsp()) {
    place = batch_.reserve(route.sa().sealedLength(payload.size()));
    return route.sa().seal(lane_, random_, payload, place);
  }
  place = batch_.reserve(route.header.length + route.slot().sealedLength(payload));
  return route.slot().seal(lane_, random_, route.header, payload, place);
}

void Outbound::putOnStream(Route& route, MutableBytes payload) {
  const size_t length = route.flow.isSstp() ? frameSstp(route, payload) : frameOpenVpn(route, payload);
  if (length == 0) return route.flow.count(kSendDrops);
  route.path->stream->output.commit(length);
  route.packets++;
  route.bytes += payload.size();
}

/** 0: there is no room. */
size_t Outbound::frameSstp(Route& route, Bytes payload) {
  const SstpDataHeader& header = route.flow.sstpHeader;
  const size_t length = header.length() + payload.size();
  uint8_t* place = route.path->stream->output.reserveData(length, route.now);
  if (!place) return 0;
  header.write(payload[0] >> 4, payload.size(), place);
  memcpy(place + header.length(), payload.data(), payload.size());
  return length;
}

/** 0: no room, or the key may seal no more. Room first: what is dropped must not use up an id. */
size_t Outbound::frameOpenVpn(Route& route, MutableBytes payload) {
  KeySlot& slot = route.slot();
  const size_t length = route.header.length + slot.sealedLength(payload);
  uint8_t* place = route.path->stream->output.reserveData(length, route.now);
  return place ? slot.seal(lane_, random_, route.header, payload, place) : 0;
}

/** Charges what was put on a stream. */
void Outbound::countStream(Route& route) {
  if (route.packets == 0) return;
  route.flow.lastSent.store(route.now, std::memory_order_relaxed);
  if (route.inner) {
    route.flow.count(kPacketsSent, route.packets);
    route.flow.count(kBytesSent, route.bytes);
  }
  chargeKey(state_, route.flow, *route.key, route.packets, route.bytes);
}

}  // namespace causeway
