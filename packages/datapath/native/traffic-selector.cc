#include "traffic-selector.h"

#include <algorithm>

#include "upper-layer.h"

namespace causeway {

namespace {

constexpr uint8_t kDccp = 33;
constexpr uint8_t kSctp = 132;
constexpr uint8_t kUdpLite = 136;

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
  const UpperLayer upper = upperLayerOf(packet, header);
  if (upper.elsewhere) return {upper.protocol, false, 0, 0};
  return portsAt(packet, upper.at, upper.protocol);
}

bool hasSegmentsLeft(Bytes packet, const IpPacket& header) {
  return header.version == 6 && upperLayerOf(packet, header).segmentsLeft;
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
