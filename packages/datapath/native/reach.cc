#include "reach.h"

namespace causeway {

namespace {

constexpr size_t kIcmpHeaderLength = 8;
/** ICMP: destination unreachable, time exceeded, parameter problem (RFC 792). */
constexpr uint8_t kUnreachable = 3;
constexpr uint8_t kTimeExceeded = 11;
constexpr uint8_t kParameterProblem = 12;
/** ICMPv6: from destination unreachable to parameter problem (RFC 4443 §2.1). */
constexpr uint8_t kFirstError6 = 1;
constexpr uint8_t kLastError6 = 4;

constexpr uint8_t kOptionEnd = 0;
constexpr uint8_t kOptionNothing = 1;
constexpr uint8_t kLooseSourceRoute = 131;
constexpr uint8_t kStrictSourceRoute = 137;

/** IPv4 (RFC 791 §3.1). Options that cannot be read to their end might hold one. */
bool mayHaveSourceRoute(Bytes options) {
  for (size_t at = 0; at < options.size() && options[at] != kOptionEnd;) {
    if (options[at] == kLooseSourceRoute || options[at] == kStrictSourceRoute) return true;
    if (options[at] == kOptionNothing) {
      at++;
      continue;
    }
    if (at + 1 >= options.size() || options[at + 1] < 2) return true;
    at += options[at + 1];
  }
  return false;
}

bool isSourceRouted(Bytes packet, const IpPacket& header) {
  if (header.version == 6) return hasSegmentsLeft(packet, header);
  return mayHaveSourceRoute(packet.first(header.headerLength).subspan(kIpv4HeaderLength));
}

/** A whole ICMP error, right behind the IP header. Redirects are none: they ask for another route. */
bool isError(Bytes packet, const IpPacket& header) {
  if (packet.size() < header.headerLength + kIcmpHeaderLength) return false;
  const uint8_t type = packet[header.headerLength];
  if (header.version == 6)
    return header.protocol == kProtocolIcmp6 && type >= kFirstError6 && type <= kLastError6;
  return header.protocol == kProtocolIcmp && !header.fragment &&
         (type == kUnreachable || type == kTimeExceeded || type == kParameterProblem);
}

}  // namespace

bool Reach::holdInbound(Bytes packet, const IpPacket& header) const {
  if (isSourceRouted(packet, header)) return false;
  return hold(packet, header, PacketEnd::kDestination) || holdReport(packet, header, PacketEnd::kSource);
}

bool Reach::holdOutbound(Bytes packet, const IpPacket& header, bool fromClient) const {
  return hold(packet, header, PacketEnd::kSource) ||
         (!fromClient && holdReport(packet, header, PacketEnd::kDestination));
}

bool Reach::hold(Bytes packet, const IpPacket& header, PacketEnd far) const {
  TransportPorts ports{};
  if (!destinations_.addressesDecide()) ports = readTransportPorts(packet, header);
  return destinations_.hold(header, ports, far);
}

/** Errors go to the sender of what they are about (RFC 1122 §3.2.2, RFC 4443 §2.2): others are made up. */
bool Reach::holdReport(Bytes packet, const IpPacket& header, PacketEnd farOfReported) const {
  if (!isError(packet, header)) return false;
  const Bytes reported = packet.subspan(header.headerLength + kIcmpHeaderLength);
  IpPacket inner;
  if (!parseIpHeader(reported, inner) || inner.version != header.version) return false;
  const size_t addressLength = header.version == 4 ? 4 : 16;
  return memcmp(inner.source, header.destination, addressLength) == 0 && hold(reported, inner, farOfReported);
}

}  // namespace causeway
