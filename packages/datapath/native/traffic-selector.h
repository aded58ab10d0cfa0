#pragma once

#include <vector>

#include "ip-packet.h"

namespace causeway {

/** An address of either family as a number. */
using AddressValue = unsigned __int128;

inline AddressValue addressValue(uint8_t version, const uint8_t* address) {
  if (version == 4) return load32(address);
  return AddressValue{load64(address)} << 64 | load64(address + 8);
}

/** Which packets an SA carries at one end (RFC 7296 §3.13.1). Both ends of each range belong to it. */
struct TrafficSelector {
  /** 4 or 6. */
  uint8_t version;
  /** 0: any. */
  uint8_t protocol;
  /** ICMP: type and code. */
  uint16_t startPort;
  uint16_t endPort;
  AddressValue start;
  AddressValue end;

  bool everyPort() const { return startPort == 0 && endPort == 0xffff; }
  bool holdsAddress(uint8_t ofVersion, AddressValue address) const {
    return version == ofVersion && address >= start && address <= end;
  }
};

/** What a selector asks of a packet behind its addresses. */
struct TransportPorts {
  /** The transport protocol, behind IPv6 extension headers. */
  uint8_t protocol;
  /** False for a fragment that is not the first, and for protocols without ports. */
  bool visible;
  uint16_t source;
  uint16_t destination;
};

/** Reads protocol and ports, of ICMP type and code in place of both ports. */
TransportPorts readTransportPorts(Bytes packet, const IpPacket& header);

/**
 * The selectors of an SA pair: a packet passes when its near end (ours) and its far end (the peer's) each
 * match one. Which packets of a pair of addresses pass is the same for all of them where no selector names a
 * protocol or a port, so that the answer may be kept.
 */
class Selectors {
 public:
  Selectors() = default;
  Selectors(std::vector<TrafficSelector> local, std::vector<TrafficSelector> remote);

  /** Whether addresses alone decide. */
  bool addressesDecide() const { return addressesDecide_; }

  /** A packet from the peer. */
  bool holdInbound(Bytes packet, const IpPacket& header) const {
    return hold(packet, header, header.destination, header.source, true);
  }
  /** A packet to the peer. */
  bool holdOutbound(Bytes packet, const IpPacket& header) const {
    return hold(packet, header, header.source, header.destination, false);
  }

 private:
  bool hold(Bytes packet, const IpPacket& header, const uint8_t* near, const uint8_t* far,
            bool inbound) const;

  std::vector<TrafficSelector> local_;
  std::vector<TrafficSelector> remote_;
  bool addressesDecide_ = true;
};

}  // namespace causeway
