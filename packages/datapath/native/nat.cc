#include "nat.h"

#include "checksum.h"

namespace causeway {

namespace {

constexpr uint8_t kDccp = 33;
constexpr uint8_t kUdpLite = 136;
constexpr size_t kIcmpHeaderLength = 8;
constexpr size_t kIcmpChecksum = 2;
constexpr size_t kIcmpIdentifier = 4;
constexpr size_t kTcpFlags = 13;
/** Of an IPv4 header, and of the addresses in both. */
constexpr size_t kIpv4Checksum = 10;

/** Where ports and checksum stand. */
constexpr size_t kPortsLength = 4;
constexpr size_t kNoChecksum = SIZE_MAX;

size_t addressLength(uint8_t version) { return version == 4 ? 4 : 16; }
size_t sourceOffset(uint8_t version) { return version == 4 ? 12 : 8; }

void storeAddress(uint8_t version, uint8_t* at, AddressValue address) {
  if (version == 4) return store32(at, static_cast<uint32_t>(address));
  store64(at, static_cast<uint64_t>(address >> 64));
  store64(at + 8, static_cast<uint64_t>(address));
}

/** The sum of 16-bit words; a last odd byte counts as the high one. */
uint64_t wordSum(Bytes bytes) {
  uint64_t sum = 0;
  size_t at = 0;
  for (; at + 2 <= bytes.size(); at += 2) sum += load16(bytes.data() + at);
  return at < bytes.size() ? sum + bytes[at] * 256u : sum;
}

uint64_t wordSum(AddressValue address) {
  uint64_t sum = 0;
  for (; address != 0; address >>= 16) sum += static_cast<uint16_t>(address);
  return sum;
}

/** A checksum after what it covers has changed from one sum of words to another (RFC 1624, eqn. 3). */
uint16_t adjusted(uint16_t checksum, uint64_t before, uint64_t after) {
  const uint64_t sum = uint64_t{static_cast<uint16_t>(~checksum)} +
                       static_cast<uint16_t>(~checksumFold(before)) + checksumFold(after);
  return static_cast<uint16_t>(~checksumFold(sum));
}

bool isIcmp(uint8_t version, uint8_t protocol) {
  return version == 4 ? protocol == kProtocolIcmp : protocol == kProtocolIcmp6;
}

/** Echo requests and replies: by their identifier they are told apart as others by their ports. */
bool isEcho(uint8_t version, uint8_t type) { return version == 4 ? type == 8 || type == 0 : type == 128 || type == 129; }
bool isEchoRequest(uint8_t version, uint8_t type) { return type == (version == 4 ? 8 : 128); }

/** What is about another packet, which it quotes (RFC 792, RFC 4443 §2.1). */
bool isReport(uint8_t version, uint8_t type) {
  if (version == 6) return type < 128;
  return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
}

/** Of a transport protocol in its header; checksums that leave addresses out are none of ours. */
size_t checksumOffset(uint8_t version, uint8_t protocol) {
  switch (protocol) {
    case kProtocolTcp: return 16;
    case kProtocolUdp:
    case kUdpLite:
    case kDccp: return 6;
    case kProtocolIcmp6: return version == 6 ? kIcmpChecksum : kNoChecksum;
    default: return kNoChecksum;
  }
}

}  // namespace

/** What rules look at. */
struct NatTuple {
  /** What stands behind the addresses. */
  enum class Kind : uint8_t {
    kPorts,
    kEcho,
    kOther,
    /** Ports, perhaps, that this packet does not show. */
    kHidden
  };

  uint8_t version;
  uint8_t protocol;
  Kind kind;
  uint8_t tcpFlags;
  /** It may begin a session by what it is. */
  bool begins;
  NatEnd source;
  NatEnd destination;

  bool sameEnds(const NatTuple& other) const { return source == other.source && destination == other.destination; }
};

struct Nat::Passage {
  const NatRules& rules;
  NatDirection direction;
  int64_t now;
  MutableBytes packet;
  const IpPacket& header;
  UpperLayer upper;

  /** Whose destinations are translated back, and whose sources are translated. */
  const NatRuleList& ofDestination() const {
    return direction == NatDirection::kOut ? rules.ingress : rules.egress;
  }
  const NatRuleList& ofSource() const {
    return direction == NatDirection::kOut ? rules.egress : rules.ingress;
  }
  NatSide destinationSide() const {
    return direction == NatDirection::kOut ? NatSide::kIngress : NatSide::kEgress;
  }
  NatSide sourceSide() const {
    return direction == NatDirection::kOut ? NatSide::kEgress : NatSide::kIngress;
  }
};

namespace {

/** Reads ends and ports of a packet that may be cut short. */
NatTuple tupleOf(Bytes packet, const IpPacket& header, const UpperLayer& upper) {
  const uint8_t version = header.version;
  NatTuple tuple{version,
                 upper.protocol,
                 NatTuple::Kind::kOther,
                 0,
                 false,
                 {addressValue(version, header.source), 0},
                 {addressValue(version, header.destination), 0}};
  const bool ported = upper.protocol == kProtocolTcp || upper.protocol == kProtocolUdp;
  const bool icmp = isIcmp(version, upper.protocol);
  if (!ported && !icmp && !upper.elsewhere) return tuple;
  tuple.kind = NatTuple::Kind::kHidden;
  const size_t needed = icmp ? kIcmpIdentifier + 2 : kPortsLength;
  if (upper.elsewhere || upper.at + needed > packet.size()) return tuple;
  const uint8_t* transport = packet.data() + upper.at;
  if (ported) {
    tuple.kind = NatTuple::Kind::kPorts;
    tuple.source.port = load16(transport);
    tuple.destination.port = load16(transport + 2);
    tuple.begins = true;
    if (upper.protocol == kProtocolTcp && upper.at + kTcpFlags < packet.size())
      tuple.tcpFlags = transport[kTcpFlags];
  } else if (isEcho(version, transport[0])) {
    tuple.kind = NatTuple::Kind::kEcho;
    tuple.source.port = tuple.destination.port = load16(transport + kIcmpIdentifier);
    tuple.begins = isEchoRequest(version, transport[0]);
  } else {
    tuple.kind = NatTuple::Kind::kOther;
  }
  return tuple;
}

bool hasPorts(const NatTuple& tuple) {
  return tuple.kind == NatTuple::Kind::kPorts || tuple.kind == NatTuple::Kind::kEcho;
}

/** Adjusts the transport's checksum, where the packet has it and covers what has changed. */
void adjustTransport(MutableBytes packet, uint8_t version, const UpperLayer& upper, uint64_t before,
                     uint64_t after) {
  const size_t offset = checksumOffset(version, upper.protocol);
  if (upper.elsewhere || offset == kNoChecksum || upper.at + offset + 2 > packet.size()) return;
  uint8_t* field = packet.data() + upper.at + offset;
  const uint16_t checksum = load16(field);
  const bool udp = upper.protocol == kProtocolUdp;
  // RFC 768: zero means "none", so a computed zero is sent as all ones.
  if (udp && checksum == 0) return;
  const uint16_t next = adjusted(checksum, before, after);
  store16(field, udp && next == 0 ? 0xffff : next);
}

/** Writes what has become of a packet's ends, with all checksums that cover them. */
void write(MutableBytes packet, const IpPacket& header, const UpperLayer& upper, const NatTuple& before,
           const NatTuple& after) {
  uint8_t* ip = packet.data();
  const uint8_t version = header.version;
  const uint64_t addressesBefore = wordSum(before.source.address) + wordSum(before.destination.address);
  const uint64_t addressesAfter = wordSum(after.source.address) + wordSum(after.destination.address);
  storeAddress(version, ip + sourceOffset(version), after.source.address);
  storeAddress(version, ip + sourceOffset(version) + addressLength(version), after.destination.address);
  if (version == 4)
    store16(ip + kIpv4Checksum, adjusted(load16(ip + kIpv4Checksum), addressesBefore, addressesAfter));
  uint64_t portsBefore = 0, portsAfter = 0;
  if (after.kind == NatTuple::Kind::kPorts) {
    portsBefore = uint64_t{before.source.port} + before.destination.port;
    portsAfter = uint64_t{after.source.port} + after.destination.port;
    store16(ip + upper.at, after.source.port);
    store16(ip + upper.at + 2, after.destination.port);
  } else if (after.kind == NatTuple::Kind::kEcho) {
    portsBefore = before.source.port;
    portsAfter = after.source.port;
    store16(ip + upper.at + kIcmpIdentifier, after.source.port);
    uint8_t* field = ip + upper.at + kIcmpChecksum;
    if (version == 4) store16(field, adjusted(load16(field), portsBefore, portsAfter));
  }
  adjustTransport(packet, version, upper, addressesBefore + portsBefore, addressesAfter + portsAfter);
}

/** Whether a first fragment leaves to the next what would have to change with it. */
bool isTorn(Bytes packet, const IpPacket& header, const UpperLayer& upper) {
  const size_t offset = checksumOffset(header.version, upper.protocol);
  return !upper.elsewhere && offset != kNoChecksum && upper.at + offset + 2 > packet.size();
}

AddressValue moved(AddressValue address, const NatAddresses& from, const NatAddresses& to) {
  return to.first + (address - from.first);
}

/** Static: both ranges have one length. */
uint16_t movedPort(uint16_t port, const NatAddresses& from, const NatAddresses& to) {
  return from.ported ? static_cast<uint16_t>(to.firstPort + (port - from.firstPort)) : port;
}

NatTuple reversed(NatTuple tuple) {
  std::swap(tuple.source, tuple.destination);
  return tuple;
}

/** How a rule has an end. */
enum class Fit : uint8_t {
  kNo,
  kYes,
  /** It is to have it, but cannot tell. */
  kUnknown
};

/** Identifiers are no ports: what is for some ports alone is for none of them. */
Fit fitOf(const NatAddresses& addresses, bool dynamic, const NatTuple& tuple, const NatEnd& end) {
  if (!addresses.holdsAddress(end.address)) return Fit::kNo;
  if (tuple.kind == NatTuple::Kind::kHidden) return dynamic || addresses.ported ? Fit::kUnknown : Fit::kYes;
  if (dynamic && !hasPorts(tuple)) return Fit::kUnknown;
  if (!addresses.ported) return Fit::kYes;
  if (tuple.kind == NatTuple::Kind::kEcho) return dynamic ? Fit::kYes : Fit::kNo;
  return hasPorts(tuple) && addresses.holdsPort(end.port) ? Fit::kYes : Fit::kNo;
}

}  // namespace

Nat::Nat(NatRules rules, size_t mostSessions) : sessions_(mostSessions) {
  number(rules, nullptr);
  published_ = new NatRules(std::move(rules));
}

std::unique_ptr<const NatRules> Nat::change(NatRules rules) {
  number(rules, published_.load());
  const NatRules kept = rules;
  std::unique_ptr<const NatRules> old(published_.exchange(new NatRules(std::move(rules))));
  sessions_.keep(kept);
  return old;
}

/** A rule that was there before keeps its number, and with it its sessions. */
void Nat::number(NatRules& rules, const NatRules* before) {
  for (NatRuleList NatRules::* const list : {&NatRules::egress, &NatRules::ingress})
    for (NatRule& rule : rules.*list) {
      rule.id = ++lastRule_;
      if (!before) continue;
      const auto same = std::ranges::find_if(before->*list, [&](const NatRule& old) { return old.sameAs(rule); });
      if (same != (before->*list).end()) rule.id = same->id;
    }
}

bool Nat::translate(MutableBytes packet, const IpPacket& header, NatDirection direction, int64_t now) {
  const NatRules& rules = *published_.load(std::memory_order_acquire);
  const Passage passage{rules, direction, now, packet, header, upperLayerOf(packet, header)};
  const UpperLayer& upper = passage.upper;
  // Its checksum is about the last of its destinations.
  if (upper.segmentsLeft) return false;
  if (upper.elsewhere) return translateLater(passage);
  const bool icmp = isIcmp(header.version, upper.protocol) && upper.at < packet.size();
  if (icmp && isReport(header.version, packet[upper.at])) return translateReport(passage);
  const NatTuple before = tupleOf(packet, header, upper);
  NatTuple after = before;
  if (!resolve(passage, after, true)) return false;
  if (before.sameEnds(after)) return true;
  if (isTorn(packet, header, upper)) return false;
  write(packet, header, upper, before, after);
  if (upper.fragment && !rules.arePlain()) {
    const NatFragments::Key key{before.source.address, before.destination.address, upper.id,
                                header.version,        upper.protocol,             direction == NatDirection::kOut};
    fragments_.remember(key, {after.source.address, after.destination.address}, now);
  }
  return true;
}

/** By what its packet's first fragment has become, or by its addresses where these decide. */
bool Nat::translateLater(const Passage& passage) {
  const NatTuple before = tupleOf(passage.packet, passage.header, passage.upper);
  NatTuple after = before;
  const NatFragments::Key key{before.source.address,  before.destination.address, passage.upper.id,
                              passage.header.version, passage.upper.protocol,
                              passage.direction == NatDirection::kOut};
  const auto first = passage.rules.arePlain() ? std::nullopt : fragments_.find(key, passage.now);
  if (first) {
    after.source.address = first->source;
    after.destination.address = first->destination;
  } else if (!resolve(passage, after, false)) {
    return false;
  }
  write(passage.packet, passage.header, passage.upper, before, after);
  return true;
}

/**
 * An ICMP error (RFC 5508 §4): what it quotes went the other way, so that it is translated as its answer would be, and
 * what becomes of that says whose the error is. Its own sender may be any router.
 */
bool Nat::translateReport(const Passage& passage) {
  const auto& [rules, direction, now, packet, header, upper] = passage;
  const uint8_t version = header.version;
  const size_t quotedAt = upper.at + kIcmpHeaderLength;
  if (quotedAt > packet.size()) return false;
  MutableBytes quoted = packet.subspan(quotedAt);
  IpPacket inner;
  if (!parseIpHeader(quoted, inner) || inner.version != version) return false;
  if (memcmp(inner.source, header.destination, addressLength(version)) != 0) return false;
  quoted = quoted.first(std::min<size_t>(quoted.size(), inner.totalLength));
  const UpperLayer innerUpper = upperLayerOf(quoted, inner);
  const NatTuple before = tupleOf(quoted, inner, innerUpper);
  NatTuple answer = reversed(before);
  if (innerUpper.segmentsLeft || !resolve(passage, answer, false)) return false;
  const NatTuple after = reversed(answer);

  NatTuple outerBefore{version, upper.protocol, NatTuple::Kind::kOther, 0, false, {}, {}};
  outerBefore.source.address = addressValue(version, header.source);
  outerBefore.destination.address = addressValue(version, header.destination);
  NatTuple outer = outerBefore;
  outer.destination.address = after.source.address;
  for (const NatRule& rule : passage.ofSource()) {
    if (rule.version != version || !rule.internal.holdsAddress(outer.source.address)) continue;
    const bool isPeer = outer.source.address == before.destination.address;
    // A host that is known by some ports, or by any, has no address of its own to speak from.
    if (rule.isPlain()) outer.source.address = moved(outer.source.address, rule.internal, rule.external);
    else outer.source.address = isPeer ? after.destination.address : rule.external.first;
    break;
  }

  // What can have changed ends with the transport's checksum.
  const MutableBytes changed = quoted.first(std::min(quoted.size(), innerUpper.at + kTcpHeaderLength));
  const uint64_t sumBefore = wordSum(changed);
  write(quoted, inner, innerUpper, before, after);
  uint8_t* checksum = packet.data() + upper.at + kIcmpChecksum;
  store16(checksum, adjusted(load16(checksum), sumBefore, wordSum(changed)));
  write(packet, header, upper, outerBefore, outer);
  return true;
}

/**
 * Both ends: the destination first, for the source is known to that. `own`: the packet is of what it looks like, and not
 * a quotation. False: to be dropped.
 */
bool Nat::resolve(const Passage& passage, NatTuple& tuple, bool own) {
  const bool echo = tuple.kind == NatTuple::Kind::kEcho;
  NatEnd far = tuple.source;
  if (echo) far.port = 0;
  if (!toInternal(passage, tuple, tuple.destination, far, own)) return false;
  if (echo) tuple.source.port = tuple.destination.port;
  far = tuple.destination;
  if (echo) far.port = 0;
  if (!toExternal(passage, tuple, tuple.source, far, own)) return false;
  if (echo) tuple.destination.port = tuple.source.port;
  return true;
}

bool Nat::toInternal(const Passage& passage, const NatTuple& tuple, NatEnd& end, const NatEnd& far, bool own) {
  bool isDropped = false;
  for (const NatRule& rule : passage.ofDestination()) {
    if (rule.version != tuple.version) continue;
    const Fit fit = fitOf(rule.external, rule.dynamic, tuple, end);
    if (fit == Fit::kYes && !rule.dynamic) {
      end = {moved(end.address, rule.external, rule.internal), movedPort(end.port, rule.external, rule.internal)};
      return true;
    }
    if (fit == Fit::kYes) {
      const NatKey key{end.address,   far.address,    end.port, far.port,
                       tuple.version, tuple.protocol, passage.destinationSide()};
      const auto found = sessions_.toInternal(key, {passage.now, tuple.tcpFlags, own});
      if (found) {
        end = *found;
        return true;
      }
    }
    // All ports of a pool are the rule's.
    if (fit != Fit::kNo || (rule.dynamic && rule.external.holdsAddress(end.address))) isDropped = true;
    // Who is translated is not there under the internal address.
    const bool isInternal = !rule.internal.ported && rule.internal.holdsAddress(end.address);
    if (isInternal && !rule.external.holdsAddress(end.address)) isDropped = true;
  }
  return !isDropped;
}

bool Nat::toExternal(const Passage& passage, const NatTuple& tuple, NatEnd& end, const NatEnd& far, bool own) {
  bool isDropped = false;
  const NatRuleList& rules = passage.ofSource();
  for (const NatRule& rule : rules) {
    if (rule.version != tuple.version) continue;
    const Fit fit = fitOf(rule.internal, rule.dynamic, tuple, end);
    if (fit == Fit::kYes && !rule.dynamic) {
      end = {moved(end.address, rule.internal, rule.external), movedPort(end.port, rule.internal, rule.external)};
      return true;
    }
    if (fit == Fit::kYes) {
      const NatKey key{end.address,   far.address,    end.port, far.port,
                       tuple.version, tuple.protocol, passage.sourceSide()};
      const NatBeginning beginning{rule, rules};
      const NatUse use{passage.now, tuple.tcpFlags, own};
      const auto found = sessions_.toExternal(key, use, own && tuple.begins ? &beginning : nullptr);
      if (found) {
        end = *found;
        return true;
      }
    }
    // Nor has anybody else the external address: answers would go to whoever it stands for.
    const bool isWhole = rule.dynamic || !rule.external.ported;
    const bool isExternal = isWhole && rule.external.holdsAddress(end.address);
    if (fit != Fit::kNo || (isExternal && !rule.internal.holdsAddress(end.address))) isDropped = true;
  }
  return !isDropped;
}

}  // namespace causeway
