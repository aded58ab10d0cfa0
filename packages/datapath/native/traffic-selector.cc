#include "traffic-selector.h"

#include <algorithm>

namespace causeway {

namespace {

constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kIcmp = 1;
constexpr uint8_t kRouting = 43;
constexpr uint8_t kFragment = 44;
constexpr uint8_t kAuthentication = 51;
constexpr uint8_t kIcmp6 = 58;
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
  const bool icmp = protocol == kIcmp || protocol == kIcmp6;
  if (icmp && at + 2 <= packet.size()) {
    const uint16_t typeAndCode = load16(packet.data() + at);
    return {protocol, true, typeAndCode, typeAndCode};
  }
  if (!hasPorts(protocol) || at + 4 > packet.size()) return {protocol, false, 0, 0};
  return {protocol, true, load16(packet.data() + at), load16(packet.data() + at + 2)};
}

/** Walks the extension headers (RFC 8200 §4), each of which takes at least 8 of the packet's bytes. */
TransportPorts portsOfIpv6(Bytes packet, uint8_t next) {
  size_t at = kIpv6HeaderLength;
  while (at + kShortestExtension <= packet.size()) {
    const uint8_t* header = packet.data() + at;
    if (next == kFragment) {
      const bool later = load16(header + 2) >> 3 != 0;
      next = header[0];
      at += kShortestExtension;
      if (later) return {next, false, 0, 0};
    } else if (next == kHopByHop || next == kRouting || next == kDestinationOptions) {
      next = header[0];
      at += (header[1] + 1u) * 8u;
    } else if (next == kAuthentication) {
      next = header[0];
      at += (header[1] + 2u) * 4u;
    } else {
      break;
    }
  }
  return portsAt(packet, at, next);
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
  if (header.version == 6) return portsOfIpv6(packet, header.protocol);
  const bool later = (load16(packet.data() + 6) & 0x1fff) != 0;
  if (later) return {header.protocol, false, 0, 0};
  return portsAt(packet, header.headerLength, header.protocol);
}

Selectors::Selectors(std::vector<TrafficSelector> local, std::vector<TrafficSelector> remote)
    : local_(std::move(local)), remote_(std::move(remote)) {
  addressesDecide_ =
      std::ranges::none_of(local_, needsTransport) && std::ranges::none_of(remote_, needsTransport);
}

bool Selectors::hold(Bytes packet, const IpPacket& header, const uint8_t* near, const uint8_t* far,
                     bool inbound) const {
  TransportPorts ports{};
  if (!addressesDecide_) ports = readTransportPorts(packet, header);
  const auto someHolds = [&](const std::vector<TrafficSelector>& selectors, const uint8_t* address,
                             uint16_t port) {
    const AddressValue value = addressValue(header.version, address);
    return std::ranges::any_of(selectors, [&](const TrafficSelector& selector) {
      return selector.holdsAddress(header.version, value) &&
             (addressesDecide_ || matches(selector, ports, port));
    });
  };
  return someHolds(local_, near, inbound ? ports.destination : ports.source) &&
         someHolds(remote_, far, inbound ? ports.source : ports.destination);
}

}  // namespace causeway
