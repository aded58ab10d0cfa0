#pragma once

#include "ip-packet.h"

namespace causeway {

/** What is behind an IP header, and behind IPv6 extension headers. */
struct UpperLayer {
  uint8_t protocol;
  /** Where it begins; past what was given when that is cut short. */
  size_t at;
  /** It is in another fragment. */
  bool elsewhere;
  /** By a routing header the packet has further to go than to its destination. */
  bool segmentsLeft;
  /** Any fragment, and the identification that it shares with the others. */
  bool fragment;
  uint32_t id;
};

/** Looks behind a header that was parsed; the packet may be cut short. */
UpperLayer upperLayerOf(Bytes packet, const IpPacket& header);

}  // namespace causeway
