#include "traffic-selector.h"

#include <algorithm>

namespace causeway {

namespace {

constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kRouting = 43;
constexpr uint8_t kFragment = 44;
constexpr uint8_t kAuthentication = 51;
constexpr uint8_t kDestinationOptions = 60;
constexpr uint8_t kDccp = 33;
constexpr uint8_t kSctp = 132;
constexpr uint8_t kUdpLite = 136;

constexpr size_t kShortestExtension = 8;

bool hasPorts(uint8_t protocol) {
  return protocol == kProtocolTcp || protocol == kProtocolUdp || protocol == kSctp || protocol == kDccp ||
         protocol == kUdpLite;
}

/** Ports of a first fragment or whole packet; `at` is where the transport begins. */
TransportPorts portsAt(Bytes packet, size_t at, uint8_t protocol) {
  const bool icmp = protocol == kProtocolIcmp || protocol == kProtocolIcmp6;
  if (icmp && at + 2 <= packet.size()) {
    const uint16_t typeAndCode = load16(packet.data() + at);
    return {protocol, true, typeAndCode, typeAndCode};
  }
  if (!hasPorts(protocol) || at + 4 > packet.size()) return {protocol, false, 0, 0};
  return {protocol, true, load16(packet.data() + at), load16(packet.data() + at + 2)};
}

/** What is behind an IPv6 header and its extension headers. */
struct UpperLayer {
  uint8_t protocol;
  size_t at;
  /** It is in another fragment. */
  bool elsewhere;
  /** By a routing header the packet has further to go than to its destination. */
  bool segmentsLeft;
};

/** Walks the extension headers (RFC 8200 §4), each of which takes at least 8 of the packet's bytes. */
UpperLayer upperLayerOfIpv6(Bytes packet, uint8_t next) {
  UpperLayer upper{next, kIpv6HeaderLength, false, false};
  while (upper.at + kShortestExtension <= packet.size()) {
    const uint8_t* header = packet.data() + upper.at;
    switch (upper.protocol) {
      case kFragment:
        upper.elsewhere = load16(header + 2) >> 3 != 0;
        upper.at += kShortestExtension;
        break;
      case kRouting: upper.segmentsLeft = upper.segmentsLeft || header[3] != 0; [[fallthrough]];
      case kHopByHop:
      case kDestinationOptions: upper.at += (header[1] + 1u) * 8u; break;
      case kAuthentication: upper.at += (header[1] + 2u) * 4u; break;
      default: return upper;
    }
    upper.protocol = header[0];
    if (upper.elsewhere) return upper;
  }
  return upper;
}

bool matches(const TrafficSelector& selector, const TransportPorts& ports, uint16_t port) {
  if (selector.protocol != 0 && selector.protocol != ports.protocol) return false;
  if (selector.everyPort()) return true;
  return ports.visible && port >= selector.startPort && port <= selector.endPort;
}

bool needsTransport(const TrafficSelector& selector) {
  return selector.protocol != 0 || !selector.everyPort();
}

}  // namespace

TransportPorts readTransportPorts(Bytes packet, const IpPacket& header) {
  if (header.version == 6) {
    const UpperLayer upper = upperLayerOfIpv6(packet, header.protocol);
    if (upper.elsewhere) return {upper.protocol, false, 0, 0};
    return portsAt(packet, upper.at, upper.protocol);
  }
  const bool later = (load16(packet.data() + 6) & 0x1fff) != 0;
  if (later) return {header.protocol, false, 0, 0};
  return portsAt(packet, header.headerLength, header.protocol);
}

bool hasSegmentsLeft(Bytes packet, const IpPacket& header) {
  return header.version == 6 && upperLayerOfIpv6(packet, header.protocol).segmentsLeft;
}

SelectorList::SelectorList(std::vector<TrafficSelector> selectors)
    : selectors_(std::move(selectors)), addressesDecide_(std::ranges::none_of(selectors_, needsTransport)) {}

bool SelectorList::hold(const IpPacket& header, const TransportPorts& ports, PacketEnd end) const {
  const bool source = end == PacketEnd::kSource;
  const AddressValue address = addressValue(header.version, source ? header.source : header.destination);
  const uint16_t port = source ? ports.source : ports.destination;
  return std::ranges::any_of(selectors_, [&](const TrafficSelector& selector) {
    return selector.holdsAddress(header.version, address) &&
           (addressesDecide_ || matches(selector, ports, port));
  });
}

bool Selectors::hold(Bytes packet, const IpPacket& header, PacketEnd near, PacketEnd far) const {
  TransportPorts ports{};
  if (!addressesDecide()) ports = readTransportPorts(packet, header);
  return local_.hold(header, ports, near) && remote_.hold(header, ports, far);
}

}  // namespace causeway
