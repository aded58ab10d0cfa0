#include "inbound.h"

#include <sys/uio.h>

#include "ecn.h"
#include "flow-events.h"
#include "message-control.h"

namespace causeway {

namespace {

constexpr uint8_t kFirstOpcode = 1;
/** P_CONTROL_WKC_V1. */
constexpr uint8_t kLastOpcode = 11;
/** Before an opened frame in scratch memory, for when it is sealed for another flow. */
constexpr size_t kScratchGap = kSealHeadroom + kSealTailroom;

}  // namespace

struct Inbound::Slot {
  SocketAddress remote;
  iovec part;
  alignas(cmsghdr) char control[kReceiveControlLength];

  /** Makes the message ready for the next datagram: the kernel writes lengths over. */
  void prepare(mmsghdr& message) {
    message.msg_hdr = {&remote.any, sizeof remote.v6, &part, 1, control, sizeof control, 0};
  }
};

Inbound::Inbound(DatapathState& state, size_t lane, Outbound& outbound)
    : state_(state),
      lane_(lane),
      outbound_(outbound),
      coalescer_(*this),
      buffer_(new uint8_t[kScratchGap + kMessages * (kMessageBytes + kScratchGap)]),
      slots_(new Slot[kMessages]),
      messages_(new mmsghdr[kMessages]) {
  for (size_t i = 0; i < kMessages; i++) {
    slots_[i].part = {buffer_.get() + kScratchGap + i * (kMessageBytes + kScratchGap), kMessageBytes};
    slots_[i].prepare(messages_[i]);
  }
}

Inbound::~Inbound() = default;

int Inbound::receive(const UdpPort& port) {
  const int received = recvmmsg(port.socket(lane_), messages_.get(), kMessages, MSG_DONTWAIT, nullptr);
  int singles = 0;
  for (int i = 0; i < received; i++) {
    const MutableBytes message(static_cast<uint8_t*>(slots_[i].part.iov_base), messages_[i].msg_len);
    const ReceiveControl control = readControl(messages_[i].msg_hdr);
    const size_t segmentSize = control.segmentSize > 0 ? control.segmentSize : message.size();
    if (segmentSize >= message.size()) singles++;
    const SocketAddress& local = control.local.isSet() ? control.local : port.local();
    receiveMessage({&port, &slots_[i].remote, &local, nullptr, control.ecn}, message, segmentSize);
    slots_[i].prepare(messages_[i]);
  }
  return singles;
}

void Inbound::receiveFrame(Stream& stream, Bytes frame) {
  // The chunk is the caller's, so frames are opened into memory of our own.
  uint8_t* out = scratch(frame.size());
  receivePacket({nullptr, nullptr, nullptr, &stream, 0}, {const_cast<uint8_t*>(frame.data()), frame.size()},
                out);
}

bool Inbound::receiveSstp(Stream& stream, MutableBytes packet, bool stays) {
  Flow* flow = stream.flow;
  if (flow) {
    hold(*flow, flow->noKey);
    keyPackets_++;
  }
  PppFrame frame{};
  if (!isSstpControl(packet)) frame = readPppFrame(packet.subspan(kSstpHeaderLength));
  if (!frame.isIp()) {
    if (stream.control.admits(state_.now())) raisePacket({nullptr, nullptr, nullptr, &stream, 0}, packet);
    else state_.events.drop();
    return true;
  }
  if (!flow) {
    countUnknown();
    return false;
  }
  MutableBytes bytes = frame.information;
  if (!stays) {
    uint8_t* place = scratch(bytes.size());
    if (!bytes.empty()) memcpy(place, bytes.data(), bytes.size());
    bytes = {place, bytes.size()};
  }
  IpPacket inner;
  const uint8_t version = frame.protocol == kPppIpv4 ? 4 : 6;
  if (parseIpPacket(bytes, inner) && inner.version == version) {
    receiveInner(*flow, bytes.first(inner.totalLength), inner);
  } else {
    flow->count(kRefused);
  }
  return false;
}

/** Memory of our own until the next flush, with room around it for sealing. */
uint8_t* Inbound::scratch(size_t length) {
  if (scratchUsed_ + kScratchGap + length > kMessages * kMessageBytes) flush();
  uint8_t* place = buffer_.get() + scratchUsed_ + kScratchGap;
  scratchUsed_ += kScratchGap + length;
  return place;
}

void Inbound::flush() {
  release();
  coalescer_.flush();
  outbound_.flush();
  scratchUsed_ = 0;
  verdict_ = {};
  tun_ = nullptr;
}

void Inbound::write(const iovec* parts, int count) {
  // Before: who reads a packet finds it counted.
  countCarried();
  // What the kernel does not take is lost, as on any interface whose queue is full.
  while (writev(tun_->queue(lane_), parts, count) < 0 && errno == EINTR) continue;
}

void Inbound::receiveMessage(const Origin& origin, MutableBytes message, size_t segmentSize) {
  if (message.empty()) countMalformed();
  while (!message.empty()) {
    const size_t length = std::min(segmentSize, message.size());
    receiveDatagram(origin, message.first(length));
    message = message.subspan(length);
  }
}

void Inbound::receiveDatagram(const Origin& origin, MutableBytes packet) {
  switch (origin.port->protocol()) {
    case PortProtocol::kOpenVpn: return receivePacket(origin, packet, nullptr);
    case PortProtocol::kIke: return raisePacket(origin, packet);
    case PortProtocol::kIkeEsp: return receiveEncapsulated(origin, packet);
    case PortProtocol::kEsp: return receiveRaw(origin, packet);
  }
}

/** A port that IKE and ESP share (RFC 3948 §2). */
void Inbound::receiveEncapsulated(const Origin& origin, MutableBytes packet) {
  if (packet.size() == 1 && packet[0] == kNatKeepalive) return;
  const bool marked = packet.size() > kNonEspMarkerLength && load32(packet.data()) == 0;
  if (marked) return raisePacket(origin, packet.subspan(kNonEspMarkerLength));
  receiveEsp(origin, packet);
}

/** A raw socket gives IPv4 packets with their header and IPv6 packets without (raw(7), RFC 3542 §3). */
void Inbound::receiveRaw(const Origin& origin, MutableBytes packet) {
  const size_t headerLength = origin.port->local().isV4() ? (packet[0] & 0x0f) * 4u : 0;
  if (packet.size() <= headerLength) return countMalformed();
  receiveEsp(origin, packet.subspan(headerLength));
}

void Inbound::receiveEsp(const Origin& origin, MutableBytes packet) {
  const uint32_t spi = packet.size() < kEspHeaderLength ? 0 : load32(packet.data());
  // RFC 4303 §2.1: SPI 0 is never on the wire.
  if (spi == 0) return countMalformed();
  const bool sameAsBefore = heldKey_ && held_->isEsp() && heldKey_->keyId() == spi;
  if (!sameAsBefore) {
    SpiEntry* entry = state_.spis.find(spi);
    if (!entry) {
      countUnknown();
      return raiseUnknownSpi(state_, origin.port->id(), *origin.remote, *origin.local, spi);
    }
    hold(entry->flow, entry->sa);
  }
  EspSa& sa = static_cast<EspSa&>(*heldKey_);
  const Opened opened = sa.open(packet);
  if (!pass(*held_, sa, origin, opened)) return;
  IpPacket inner;
  if (!parseIpPacket(opened.payload, inner) || !takeEcn(opened.payload, inner, origin.ecn))
    return held_->count(kRefused);
  receiveInner(*held_, opened.payload.first(inner.totalLength), inner);
}

void Inbound::receivePacket(const Origin& origin, MutableBytes packet, uint8_t* out) {
  const uint8_t opcode = packet[0] >> 3;
  const bool data = isDataOpcode(packet[0]);
  if (opcode < kFirstOpcode || opcode > kLastOpcode || (data && packet.size() < dataHeaderLength(packet[0])))
    return countMalformed();
  if (!data) return raisePacket(origin, packet);
  Flow* flow = flowOf(origin, packet);
  if (!flow) return countUnknown();
  open(*flow, origin, packet, out);
}

void Inbound::raisePacket(const Origin& origin, Bytes packet) {
  Event event{.type = origin.port ? EventType::kDatagram : EventType::kControl,
              .bytes = {packet.begin(), packet.end()}};
  event.id = origin.port ? origin.port->id() : origin.stream->id;
  if (origin.remote) event.remote = *origin.remote;
  if (origin.local) event.local = *origin.local;
  state_.events.put(std::move(event));
}

/**
 * By peer-id, or without one by path. A stream carries only its own flow, and a flow of a stream comes only
 * by it.
 */
Flow* Inbound::flowOf(const Origin& origin, Bytes packet) {
  const bool v2 = packet[0] >> 3 == kOpcodeDataV2;
  const uint32_t peerId = v2 ? load32(packet.data()) & 0xffffff : 0;
  if (origin.stream) {
    Flow* flow = origin.stream->flow;
    return flow && flow->isV2() == v2 && (!v2 || flow->peerId() == peerId) ? flow : nullptr;
  }
  if (v2) {
    if (held_ && held_->isV2() && held_->peerId() == peerId) return held_;
    Flow* flow = state_.peers.find(peerId);
    const FlowPath* path = flow ? flow->path.load(std::memory_order_acquire) : nullptr;
    return path && !path->stream ? flow : nullptr;
  }
  const FlatTable* paths = state_.paths.load(std::memory_order_acquire);
  return reinterpret_cast<Flow*>(paths->find(origin.remote->keyAt(origin.port->id())));
}

void Inbound::open(Flow& flow, const Origin& origin, MutableBytes packet, uint8_t* out) {
  KeySlot* slot = flow.slots[packet[0] & 7].load(std::memory_order_acquire);
  if (!slot) return countUnknown();
  hold(flow, *slot);
  const Opened opened = slot->open(packet, dataHeaderLength(packet[0]), out);
  if (pass(flow, *slot, origin, opened)) receivePayload(flow, opened.payload);
}

/** Counts what came of opening a packet; true when there is a payload. */
bool Inbound::pass(Flow& flow, FlowKey& key, const Origin& origin, const Opened& opened) {
  switch (opened.status) {
    case Opened::Status::kMalformed: countMalformed(); return false;
    case Opened::Status::kUnauthentic:
    case Opened::Status::kReplay: reject(flow, opened.status); return false;
    case Opened::Status::kPayload:
    case Opened::Status::kRefused:
    case Opened::Status::kDummy: break;
  }
  keyPackets_++;
  keyBytes_ += opened.payload.size();
  if (opened.newest && key.sequence() >= flow.newestKey) noticeFloat(flow, key, origin);
  if (opened.status == Opened::Status::kRefused) flow.count(kRefused);
  return opened.status == Opened::Status::kPayload;
}

void Inbound::reject(Flow& flow, Opened::Status status) {
  const bool replay = status == Opened::Status::kReplay;
  flow.count(replay ? kReplays : kAuthenticationFailures);
  (replay ? flow.rejectedReplays : flow.rejectedFailures).fetch_add(1, std::memory_order_relaxed);
  if (now_ - flow.rejectedAt.load(std::memory_order_relaxed) < kEventInterval) return;
  raiseRejected(state_, flow, now_);
}

void Inbound::noticeFloat(Flow& flow, FlowKey& key, const Origin& origin) {
  flow.newestKey = key.sequence();
  if (!origin.port) return;
  const FlowPath* path = flow.path.load(std::memory_order_acquire);
  if (!path) return;
  const bool sameLocal = !path->local.isSet() || path->local.sameAddress(*origin.local);
  if (path->port == origin.port && path->remote == *origin.remote && sameLocal) return;
  if (path->stream || now_ - flow.floatAt < kEventInterval) return;
  flow.floatAt = now_;
  state_.events.put({.type = EventType::kFloat,
                     .id = flow.id,
                     .port = origin.port->id(),
                     .remote = *origin.remote,
                     .local = *origin.local});
}

void Inbound::receivePayload(Flow& flow, MutableBytes payload) {
  if (payload.size() == sizeof kPingPayload && memcmp(payload.data(), kPingPayload, sizeof kPingPayload) == 0)
    return;
  const uint8_t version = payload[0] >> 4;
  if (version != 4 && version != 6) {
    state_.events.put({.type = EventType::kInband, .id = flow.id, .bytes = {payload.begin(), payload.end()}});
    return;
  }
  IpPacket packet;
  if (!parseIpPacket(payload, packet)) return flow.count(kRefused);
  receiveInner(flow, payload.first(packet.totalLength), packet);
}

void Inbound::receiveInner(Flow& flow, MutableBytes bytes, const IpPacket& packet) {
  if (heldNat_ && !translate(flow, bytes, packet)) return;
  const Verdict& verdict = judge(flow, bytes, packet);
  const bool held =
      verdict.selectorsHold && (!verdict.selectors || verdict.selectors->holdInbound(bytes, packet));
  if (!held) flow.count(kSelectorMismatchesReceived);
  if (!held || !verdict.sourceHolds) return flow.count(kSourceViolations);
  if (verdict.reach && !verdict.reach->holdInbound(bytes, packet)) return flow.count(kRefused);
  Flow* to = verdict.to;
  const bool toHost = !to;
  if (toHost ? !tun_ : !state_.mayPass(flow, *to)) return flow.count(kRefused);
  if (!state_.throughput.admits(bytes.size(), now_)) return;
  packets_++;
  bytes_ += bytes.size();
  clampMss(bytes, packet, toHost ? flow.clampBytes : std::min(flow.clampBytes, to->clampBytes));
  if (toHost) coalescer_.add(bytes, packet);
  else outbound_.sendInner(&flow, *to, bytes, packet);
}

/** From the peer's addresses to those that are known inside; selectors are about the former. */
bool Inbound::translate(Flow& flow, MutableBytes bytes, const IpPacket& packet) {
  if (!static_cast<EspSa*>(heldKey_)->selectors().holdInbound(bytes, packet)) {
    flow.count(kSelectorMismatchesReceived);
    flow.count(kSourceViolations);
    return false;
  }
  if (heldNat_->translate(bytes, packet, NatDirection::kIn, now_)) return true;
  flow.count(kNatDrops);
  flow.count(kRefused);
  return false;
}

/**
 * Whether the inner source is this flow's, and whose the destination is. Packets of one batch mostly share
 * both.
 */
const Inbound::Verdict& Inbound::judge(Flow& flow, Bytes bytes, const IpPacket& packet) {
  const size_t length = packet.version == 4 ? 8 : 32;
  const bool known = verdict_.from == heldKey_ && verdict_.version == packet.version &&
                     memcmp(verdict_.addresses, packet.source, length) == 0;
  if (known) return verdict_;
  verdict_.from = heldKey_;
  verdict_.version = packet.version;
  memcpy(verdict_.addresses, packet.source, length);
  const uint64_t own = reinterpret_cast<uint64_t>(&flow);
  // What the peer sends comes by a route that an answer might take.
  verdict_.sourceHolds = state_.routesOf(packet.version, packet.source, packet.destination).includes(own);
  const RouteTable::Flows onward = state_.routesOf(packet.version, packet.destination, packet.source);
  verdict_.to = onward.includes(own) ? nullptr : state_.choose(onward);
  verdict_.reach = flow.reach.load(std::memory_order_acquire);
  verdict_.selectors = nullptr;
  verdict_.selectorsHold = true;
  // What is translated has passed the selectors before.
  if (!flow.isEsp() || heldNat_) return verdict_;
  const Selectors& selectors = static_cast<EspSa*>(heldKey_)->selectors();
  if (!selectors.addressesDecide()) verdict_.selectors = &selectors;
  else verdict_.selectorsHold = selectors.holdInbound(bytes, packet);
  return verdict_;
}

/** Makes this flow and key the ones that packets are charged to, with the flow's lock held. */
void Inbound::hold(Flow& flow, FlowKey& key) {
  if (held_ != &flow) {
    if (!held_) {
      now_ = state_.now();
      tun_ = state_.tun.load(std::memory_order_acquire);
      if (tun_) coalescer_.allowUdp(tun_->takesUdp());
    }
    release();
    flow.receiving.lock();
    held_ = &flow;
    heldNat_ = flow.nat.load(std::memory_order_acquire);
  }
  if (heldKey_ == &key) return;
  settle();
  heldKey_ = &key;
}

void Inbound::release() {
  if (!held_) return;
  settle();
  held_->receiving.unlock();
  held_ = nullptr;
  heldNat_ = nullptr;
}

/** Charges what was counted to the flow and the key that are held. */
void Inbound::settle() {
  if (keyPackets_ > 0) {
    held_->lastReceived.store(now_, std::memory_order_relaxed);
    held_->idleRaised.store(false, std::memory_order_relaxed);
    chargeKey(state_, *held_, *heldKey_, keyPackets_, keyBytes_);
  }
  countCarried();
  keyPackets_ = keyBytes_ = 0;
  heldKey_ = nullptr;
}

/** Counts what went on of the flow that is held. */
void Inbound::countCarried() {
  if (packets_ == 0) return;
  held_->count(kPacketsReceived, packets_);
  held_->count(kBytesReceived, bytes_);
  packets_ = bytes_ = 0;
}

}  // namespace causeway
