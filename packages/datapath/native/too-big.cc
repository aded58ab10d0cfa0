#include "too-big.h"

#include <algorithm>

#include "checksum.h"
#include "traffic-selector.h"

namespace causeway {

namespace {

constexpr uint8_t kUnreachable = 3;
constexpr uint8_t kFragmentationNeeded = 4;
constexpr uint8_t kPacketTooBig = 2;
constexpr size_t kIcmpHeaderLength = 8;
/** RFC 1812 §4.3.2.3: as much of the packet as makes a message of at most 576 bytes. */
constexpr size_t kLongestIcmp = 576;
constexpr uint8_t kHopLimit = 64;

/** Queries, which may be answered with an error (RFC 1122 §3.2.2). What is unknown may be an error. */
bool isIcmpQuery(uint8_t type) {
  return type == 0 || type == 8 || (type >= 9 && type <= 18 && type != 11 && type != 12);
}

/** Neither multicast, broadcast, loopback nor nobody. */
bool isSingleHost(uint8_t version, const uint8_t* address) {
  if (version == 6) return address[0] != 0xff && addressValue(6, address) > 1;
  return address[0] != 0 && address[0] != 127 && address[0] < 0xe0;
}

bool mayBeTold(Bytes packet, const IpPacket& header) {
  if (!isSingleHost(header.version, header.source) || !isSingleHost(header.version, header.destination))
    return false;
  const TransportPorts ports = readTransportPorts(packet, header);
  const uint8_t type = static_cast<uint8_t>(ports.source >> 8);
  if (ports.protocol == kProtocolIcmp6 && header.version == 6) return ports.visible && type >= 0x80;
  if (header.version == 6) return true;
  const bool later = (load16(packet.data() + 6) & 0x1fff) != 0;
  return !later && (ports.protocol != kProtocolIcmp || (ports.visible && isIcmpQuery(type)));
}

void writeIpv4(uint8_t* out, size_t length, const IpPacket& header) {
  memset(out, 0, kIpv4HeaderLength);
  out[0] = 0x45;
  store16(out + 2, static_cast<uint16_t>(length));
  out[8] = kHopLimit;
  out[9] = kProtocolIcmp;
  memcpy(out + 12, header.destination, 4);
  memcpy(out + 16, header.source, 4);
  setIpv4HeaderChecksum(out, kIpv4HeaderLength);
}

void writeIpv6(uint8_t* out, size_t length, const IpPacket& header) {
  memset(out, 0, kIpv6HeaderLength);
  out[0] = 0x60;
  store16(out + 4, static_cast<uint16_t>(length - kIpv6HeaderLength));
  out[6] = kProtocolIcmp6;
  out[7] = kHopLimit;
  memcpy(out + 8, header.destination, 16);
  memcpy(out + 24, header.source, 16);
}

}  // namespace

size_t writeTooBig(Bytes packet, const IpPacket& header, uint32_t mtu, uint8_t* out) {
  if (!mayBeTold(packet, header)) return 0;
  const bool v4 = header.version == 4;
  const size_t before = (v4 ? kIpv4HeaderLength : kIpv6HeaderLength) + kIcmpHeaderLength;
  const size_t length = std::min(before + packet.size(), v4 ? kLongestIcmp : kLongestTooBig);
  if (v4) writeIpv4(out, length, header);
  else writeIpv6(out, length, header);
  uint8_t* icmp = out + before - kIcmpHeaderLength;
  icmp[0] = v4 ? kUnreachable : kPacketTooBig;
  icmp[1] = v4 ? kFragmentationNeeded : 0;
  memset(icmp + 2, 0, 2);
  store32(icmp + 4, mtu);
  memcpy(icmp + kIcmpHeaderLength, packet.data(), length - before);
  const size_t icmpLength = length - before + kIcmpHeaderLength;
  const uint64_t pseudo = v4 ? 0 : pseudoHeaderSum(out, kProtocolIcmp6, static_cast<uint32_t>(icmpLength));
  const uint16_t checksum = static_cast<uint16_t>(~checksumFold(checksumAdd(pseudo, {icmp, icmpLength})));
  memcpy(icmp + 2, &checksum, 2);
  return length;
}

}  // namespace causeway
