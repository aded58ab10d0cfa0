#include "upper-layer.h"

namespace causeway {

namespace {

constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kRouting = 43;
constexpr uint8_t kFragment = 44;
constexpr uint8_t kAuthentication = 51;
constexpr uint8_t kDestinationOptions = 60;

constexpr size_t kShortestExtension = 8;

/** Walks the extension headers (RFC 8200 §4), each of which takes at least 8 of the packet's bytes. */
UpperLayer behindExtensions(Bytes packet, uint8_t next) {
  UpperLayer upper{next, kIpv6HeaderLength, false, false, false, 0};
  while (upper.at + kShortestExtension <= packet.size()) {
    const uint8_t* header = packet.data() + upper.at;
    switch (upper.protocol) {
      case kFragment:
        upper.elsewhere = load16(header + 2) >> 3 != 0;
        upper.fragment = true;
        upper.id = load32(header + 4);
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

}  // namespace

UpperLayer upperLayerOf(Bytes packet, const IpPacket& header) {
  if (header.version == 6) return behindExtensions(packet, header.protocol);
  const bool later = (load16(packet.data() + 6) & 0x1fff) != 0;
  return {header.protocol, header.headerLength, later, false, header.fragment, load16(packet.data() + 4)};
}

}  // namespace causeway
