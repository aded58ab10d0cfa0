#include "coalesce.h"

#include "acknowledgement.h"
#include "checksum.h"

namespace causeway {

namespace {

constexpr size_t kLargestPacket = 65535;
constexpr uint16_t kDontFragment = 0x4000;
constexpr size_t kTcpChecksum = 16;
constexpr size_t kUdpChecksum = 6;
/** What one acknowledgement may stand for when it takes the place of others: as much as one large packet. */
constexpr uint32_t kMostAcknowledged = 65535;

uint64_t load64Raw(const uint8_t* p) {
  uint64_t value;
  memcpy(&value, p, 8);
  return value;
}

uint64_t flowHash(const IpPacket& packet, const uint8_t* ports) {
  uint32_t pair;
  memcpy(&pair, ports, 4);
  uint64_t hash = load64Raw(packet.source) * 0x9e3779b97f4a7c15 + pair + packet.protocol;
  if (packet.version == 6) {
    for (size_t i = 8; i < 32; i += 8) hash = hash * 0x9e3779b97f4a7c15 ^ load64Raw(packet.source + i);
  }
  return hash;
}

/** Type of service, TTL, fragment flags, protocol and addresses. */
bool sameIpHeader(const uint8_t* a, const uint8_t* b) {
  if (a[0] >> 4 == 4) {
    return memcmp(a, b, 2) == 0 && memcmp(a + 6, b + 6, 4) == 0 && memcmp(a + 12, b + 12, 8) == 0;
  }
  return memcmp(a, b, 4) == 0 && memcmp(a + 6, b + 6, 34) == 0;
}

/** All that must be equal for a TCP segment to be part of the same whole; PSH is judged apart. */
bool sameTcpHeader(const uint8_t* a, const uint8_t* b, size_t length) {
  const bool flags = ((a[13] ^ b[13]) & ~kTcpPsh) == 0;
  return memcmp(a, b, 4) == 0 && memcmp(a + 8, b + 8, 5) == 0 && flags && memcmp(a + 14, b + 14, 2) == 0 &&
         memcmp(a + 18, b + 18, length - 18) == 0;
}

bool checksumHolds(const uint8_t* ip, uint8_t protocol, Bytes transport) {
  const uint64_t pseudo = pseudoHeaderSum(ip, protocol, static_cast<uint32_t>(transport.size()));
  return checksumFold(checksumAdd(pseudo, transport)) == 0xffff;
}

}  // namespace

void Coalescer::add(MutableBytes bytes, const IpPacket& packet) {
  Candidate candidate;
  const bool mergeable = describe(bytes, packet, candidate);
  Group* group = candidate.hash == 0 ? nullptr : find(candidate);
  if (group && mergeable && follows(*group, candidate)) return append(*group, candidate);
  // What cannot be merged may not overtake what is held of its flow.
  if (group) finish(*group);
  if (!mergeable) return pass(bytes, 0);
  open(candidate);
}

void Coalescer::flush() {
  while (open_ > 0) finish(groups_[0]);
}

/** Fills in what is known; true when the packet may be part of a merged one. `hash` is 0 without ports. */
bool Coalescer::describe(MutableBytes bytes, const IpPacket& packet, Candidate& candidate) const {
  candidate = {bytes.data(), bytes.size(), 0, 0, &packet, 0};
  if (packet.fragment) return false;
  const uint8_t* transport = bytes.data() + packet.headerLength;
  const size_t length = bytes.size() - packet.headerLength;
  size_t headerLength = 0;
  if (packet.protocol == kProtocolTcp && length >= kTcpHeaderLength) headerLength = (transport[12] >> 4) * 4u;
  else if (packet.protocol == kProtocolUdp && length >= kUdpHeaderLength) headerLength = kUdpHeaderLength;
  else return false;
  candidate.hash = flowHash(packet, transport) | 1;
  candidate.headerLength = packet.headerLength + headerLength;
  if (candidate.headerLength > bytes.size() || packet.headerLength > kIpv6HeaderLength) return false;
  if (packet.version == 4 && packet.headerLength != kIpv4HeaderLength) return false;
  candidate.payloadLength = bytes.size() - candidate.headerLength;
  if (packet.protocol == kProtocolTcp) {
    if (headerLength < kTcpHeaderLength || (transport[13] & ~kTcpPsh) != kTcpAck) return false;
    Acknowledgement alone;
    if (candidate.payloadLength == 0 && !parseAcknowledgement({transport, length}, alone)) return false;
  } else {
    const bool unchecked = transport[kUdpChecksum] == 0 && transport[kUdpChecksum + 1] == 0;
    if (!udpAllowed_ || unchecked || candidate.payloadLength == 0) return false;
    if (load16(transport + 4) != length) return false;
  }
  // Merging writes checksums anew, which must not make a broken packet whole.
  if (packet.version == 4 && checksumFold(checksumAdd(0, {bytes.data(), kIpv4HeaderLength})) != 0xffff)
    return false;
  return checksumHolds(bytes.data(), packet.protocol, {transport, length});
}

Coalescer::Group* Coalescer::find(const Candidate& candidate) {
  for (int i = 0; i < open_; i++) {
    if (groups_[i].hash == candidate.hash) return &groups_[i];
  }
  return nullptr;
}

bool Coalescer::follows(const Group& group, const Candidate& candidate) const {
  const uint8_t* ip = candidate.ip;
  if (group.protocol != candidate.packet->protocol || !sameIpHeader(group.ip, ip)) return false;
  if (group.segmentSize == 0 || candidate.payloadLength == 0) return replaces(group, candidate);
  if (group.segments == kMaxSegments || group.total + candidate.payloadLength > kLargestPacket) return false;
  if (group.headerLength != candidate.headerLength) return false;
  if (candidate.payloadLength > group.segmentSize) return false;
  if (ip[0] >> 4 == 4) {
    // Segmentation counts the id up, which nobody sees while DF is set (RFC 6864 §4.1).
    const bool mayFragment = !(load16(ip + 6) & kDontFragment);
    if (mayFragment && load16(ip + 4) != group.nextId) return false;
  }
  const uint8_t* head = group.ip + group.transport;
  const uint8_t* transport = ip + group.transport;
  if (group.protocol == kProtocolUdp) return memcmp(head, transport, 4) == 0;
  return load32(transport + 4) == group.nextSequence &&
         sameTcpHeader(head, transport, group.headerLength - group.transport);
}

/** Whether an acknowledgement may take the place of the one that is held, and of all that it replaced. */
bool Coalescer::replaces(const Group& group, const Candidate& candidate) const {
  const Bytes held = Bytes(group.ip, group.headerLength).subspan(group.transport);
  const Bytes next = Bytes(candidate.ip, candidate.headerLength).subspan(group.transport);
  Acknowledgement older, newer;
  if (group.segmentSize != candidate.payloadLength || memcmp(held.data(), next.data(), 8) != 0) return false;
  if (!parseAcknowledgement(held, older) || !parseAcknowledgement(next, newer)) return false;
  return newer.number - group.firstNumber <= kMostAcknowledged && supersedes(newer, older);
}

void Coalescer::append(Group& group, const Candidate& candidate) {
  if (group.segmentSize == 0) {
    group.ip = candidate.ip;
    group.headerLength = candidate.headerLength;
    group.parts[1] = {candidate.ip, candidate.length};
    return;
  }
  group.parts[1 + group.segments] = {candidate.ip + candidate.headerLength, candidate.payloadLength};
  group.segments++;
  group.total += candidate.payloadLength;
  group.nextSequence += static_cast<uint32_t>(candidate.payloadLength);
  group.nextId++;
  const bool push = group.protocol == kProtocolTcp && (candidate.ip[group.transport + 13] & kTcpPsh);
  if (push) group.ip[group.transport + 13] |= kTcpPsh;
  if (push || candidate.payloadLength < group.segmentSize) finish(group);
}

void Coalescer::open(const Candidate& candidate) {
  const IpPacket& packet = *candidate.packet;
  const uint8_t* transport = candidate.ip + packet.headerLength;
  const bool tcp = packet.protocol == kProtocolTcp;
  if (tcp && (transport[13] & kTcpPsh)) return pass({candidate.ip, candidate.length}, kVirtioDataValid);
  if (open_ == kGroups) finish(groups_[0]);
  Group& group = groups_[open_++];
  group.hash = candidate.hash;
  group.ip = candidate.ip;
  group.total = candidate.length;
  group.segmentSize = candidate.payloadLength;
  group.headerLength = candidate.headerLength;
  group.transport = packet.headerLength;
  group.nextSequence = tcp ? load32(transport + 4) + static_cast<uint32_t>(candidate.payloadLength) : 0;
  group.firstNumber = tcp ? load32(transport + 8) : 0;
  group.nextId = packet.version == 4 ? static_cast<uint16_t>(load16(candidate.ip + 4) + 1) : 0;
  group.protocol = packet.protocol;
  group.segments = 1;
  group.parts[1] = {candidate.ip, candidate.length};
}

/** Writes a group and closes the gap it leaves, so that the oldest stays first. */
void Coalescer::finish(Group& group) {
  VirtioHeader& virtio = group.virtio;
  virtio = {kVirtioDataValid, kVirtioGsoNone, 0, 0, 0, 0};
  if (group.segments > 1) {
    const bool v4 = group.ip[0] >> 4 == 4;
    const bool tcp = group.protocol == kProtocolTcp;
    const size_t length = group.total - group.transport;
    store16(group.ip + (v4 ? 2 : 4), static_cast<uint16_t>(v4 ? group.total : length));
    if (v4) setIpv4HeaderChecksum(group.ip, group.transport);
    uint8_t* transport = group.ip + group.transport;
    if (!tcp) store16(transport + 4, static_cast<uint16_t>(length));
    const uint16_t checksumOffset = tcp ? kTcpChecksum : kUdpChecksum;
    const uint16_t sum =
        checksumFold(pseudoHeaderSum(group.ip, group.protocol, static_cast<uint32_t>(length)));
    memcpy(transport + checksumOffset, &sum, 2);
    const uint8_t type = !tcp ? kVirtioGsoUdp : v4 ? kVirtioGsoTcp4 : kVirtioGsoTcp6;
    virtio = {kVirtioNeedsChecksum,
              type,
              static_cast<uint16_t>(group.headerLength),
              static_cast<uint16_t>(group.segmentSize),
              static_cast<uint16_t>(group.transport),
              checksumOffset};
  }
  group.parts[0] = {&virtio, sizeof virtio};
  sink_.write(group.parts, 1 + group.segments);
  open_--;
  for (Group* g = &group; g < groups_ + open_; g++) *g = *(g + 1);
}

void Coalescer::pass(MutableBytes bytes, uint8_t flags) {
  VirtioHeader virtio{flags, kVirtioGsoNone, 0, 0, 0, 0};
  const iovec parts[2] = {{&virtio, sizeof virtio}, {bytes.data(), bytes.size()}};
  sink_.write(parts, 2);
}

}  // namespace causeway
