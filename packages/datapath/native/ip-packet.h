#pragma once

#include "bytes.h"

namespace causeway {

constexpr uint8_t kProtocolIcmp = 1;
constexpr uint8_t kProtocolTcp = 6;
constexpr uint8_t kProtocolUdp = 17;
constexpr uint8_t kProtocolIcmp6 = 58;

constexpr uint8_t kTcpFin = 0x01;
constexpr uint8_t kTcpSyn = 0x02;
constexpr uint8_t kTcpRst = 0x04;
constexpr uint8_t kTcpPsh = 0x08;
constexpr uint8_t kTcpAck = 0x10;
constexpr uint8_t kTcpUrg = 0x20;
constexpr uint8_t kTcpCwr = 0x80;

constexpr size_t kIpv4HeaderLength = 20;
constexpr size_t kIpv6HeaderLength = 40;
constexpr size_t kTcpHeaderLength = 20;
constexpr size_t kUdpHeaderLength = 8;

/** What the datapath needs to know of an inner packet. Offsets are relative to its first byte. */
struct IpPacket {
  /** 4 or 6. */
  uint8_t version;
  /** IPv6: the first next-header value; extension headers are not walked. */
  uint8_t protocol;
  /** Bytes of the IP header: IPv4 with its options, IPv6 without extension headers. */
  uint16_t headerLength;
  /** Bytes of the packet by its own header; never more than were given. */
  uint16_t totalLength;
  /** IPv4: any fragment. IPv6 fragments are seen as protocol 44. */
  bool fragment;
  const uint8_t* source;
  const uint8_t* destination;
};

/**
 * Reads the IP header of a packet that may be cut off behind it (behind 20 bytes in IPv4, whatever its
 * options take); `totalLength` may be more than were given then. False when it is no IPv4 or IPv6 header.
 */
bool parseIpHeader(Bytes bytes, IpPacket& packet);

/** Reads the IP header. False when it is no IPv4 or IPv6 packet or is cut short. */
bool parseIpPacket(Bytes bytes, IpPacket& packet);

/**
 * Lowers the MSS option of a TCP SYN so that segments fit IP packets of `packetBytes`; the checksum
 * follows. Never raises it, never adds one (RFC 9293 §3.7.1). Leaves everything else alone.
 */
void clampMss(MutableBytes bytes, const IpPacket& packet, uint16_t packetBytes);

}  // namespace causeway
