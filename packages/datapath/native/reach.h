#pragma once

#include "traffic-selector.h"

namespace causeway {

/**
 * Where a flow's peer may send to, and what may send to it: the far end of each packet must match one of the
 * destinations. An ICMP error passes too when the packet that it is about might have gone the other way:
 * routers report from addresses of their own, and without their reports no path MTU would be found (RFC 1191,
 * RFC 8201). Clients are no such routers to each other. A source route would lead past the destination that
 * is judged, so that none comes in.
 */
class Reach {
 public:
  explicit Reach(std::vector<TrafficSelector> destinations) : destinations_(std::move(destinations)) {}

  /** A packet from the peer. */
  bool holdInbound(Bytes packet, const IpPacket& header) const;
  /** A packet to the peer. */
  bool holdOutbound(Bytes packet, const IpPacket& header, bool fromClient) const;

 private:
  bool hold(Bytes packet, const IpPacket& header, PacketEnd far) const;
  bool holdReport(Bytes packet, const IpPacket& header, PacketEnd farOfReported) const;

  SelectorList destinations_;
};

}  // namespace causeway
