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

/** Which packets pass at one end, of an SA or of a flow (RFC 7296 §3.13.1). Both ends of each range belong to
 * it. */
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
 * Whether the destination in an IPv6 packet's header is only the next of several (RFC 8200 §4.4). A later
 * fragment says it as well as the first.
 */
bool hasSegmentsLeft(Bytes packet, const IpPacket& header);

enum class PacketEnd : uint8_t { kSource, kDestination };

/** The selectors of one end: one of them is enough. None: nothing passes. */
class SelectorList {
 public:
  SelectorList() = default;
  explicit SelectorList(std::vector<TrafficSelector> selectors);

  /** Whether addresses alone decide: no selector names a protocol or a port. */
  bool addressesDecide() const { return addressesDecide_; }
  /** Whether one holds this end of a packet. `ports` counts only where addresses do not decide. */
  bool hold(const IpPacket& header, const TransportPorts& ports, PacketEnd end) const;

 private:
  std::vector<TrafficSelector> selectors_;
  bool addressesDecide_ = true;
};

/**
 * The selectors of an SA pair: a packet passes when its near end (ours) and its far end (the peer's) each
 * match one. Which packets of a pair of addresses pass is the same for all of them where no selector names a
 * protocol or a port, so that the answer may be kept.
 */
class Selectors {
 public:
  Selectors() = default;
  Selectors(std::vector<TrafficSelector> local, std::vector<TrafficSelector> remote)
      : local_(std::move(local)), remote_(std::move(remote)) {}

  /** Whether addresses alone decide. */
  bool addressesDecide() const { return local_.addressesDecide() && remote_.addressesDecide(); }

  /** A packet from the peer. */
  bool holdInbound(Bytes packet, const IpPacket& header) const {
    return hold(packet, header, PacketEnd::kDestination, PacketEnd::kSource);
  }
  /** A packet to the peer. */
  bool holdOutbound(Bytes packet, const IpPacket& header) const {
    return hold(packet, header, PacketEnd::kSource, PacketEnd::kDestination);
  }

 private:
  bool hold(Bytes packet, const IpPacket& header, PacketEnd near, PacketEnd far) const;

  SelectorList local_;
  SelectorList remote_;
};

}  // namespace causeway
