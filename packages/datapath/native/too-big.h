#pragma once

#include "ip-packet.h"

namespace causeway {

/** The longest message that `writeTooBig` makes: IPv6's smallest MTU (RFC 4443 §2.4 (c)). */
constexpr size_t kLongestTooBig = 1280;

/**
 * Writes the ICMP message that a packet is too big for a path of `mtu` bytes: "fragmentation needed"
 * (RFC 1191 §4) or ICMPv6 "packet too big" (RFC 4443 §3.2), as if the packet's destination had sent it, to
 * which the host surely has a route this way. Gives its length; 0 where none may be sent (RFC 1122 §3.2.2,
 * RFC 4443 §2.4 (e)): about an ICMP error, a later fragment, or to or from no single host.
 */
size_t writeTooBig(Bytes packet, const IpPacket& header, uint32_t mtu, uint8_t* out);

}  // namespace causeway
