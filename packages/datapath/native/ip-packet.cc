#include "ip-packet.h"

#include "checksum.h"

namespace causeway {

namespace {

constexpr uint8_t kOptionEnd = 0;
constexpr uint8_t kOptionNothing = 1;
constexpr uint8_t kOptionMss = 2;
constexpr uint8_t kOptionMssLength = 4;
constexpr size_t kTcpChecksumOffset = 16;

bool parseIpv4(Bytes bytes, IpPacket& packet) {
  if (bytes.size() < kIpv4HeaderLength) return false;
  const uint8_t* p = bytes.data();
  const size_t headerLength = (p[0] & 0x0f) * 4u;
  const size_t totalLength = load16(p + 2);
  if (headerLength < kIpv4HeaderLength || totalLength < headerLength) return false;
  const bool fragment = (load16(p + 6) & 0x3fff) != 0;
  packet = {4,      p[9],  static_cast<uint16_t>(headerLength), static_cast<uint16_t>(totalLength), fragment,
            p + 12, p + 16};
  return true;
}

bool parseIpv6(Bytes bytes, IpPacket& packet) {
  if (bytes.size() < kIpv6HeaderLength) return false;
  const uint8_t* p = bytes.data();
  const size_t totalLength = kIpv6HeaderLength + load16(p + 4);
  if (totalLength > 0xffff) return false;
  packet = {6, p[6], kIpv6HeaderLength, static_cast<uint16_t>(totalLength), false, p + 8, p + 24};
  return true;
}

/** Lowers the option that starts at `option`, whose offset in the segment may be odd. */
void lowerMss(uint8_t* tcp, size_t option, uint16_t limit) {
  uint8_t* value = tcp + option + 2;
  const uint16_t before = load16(value);
  if (before <= limit) return;
  store16(value, limit);
  // At an odd offset the two bytes belong to two words of the sum; swapping both sides is the same sum.
  const bool odd = option % 2 != 0;
  const uint16_t checksum = load16(tcp + kTcpChecksumOffset);
  const uint16_t from = odd ? __builtin_bswap16(before) : before;
  const uint16_t to = odd ? __builtin_bswap16(limit) : limit;
  store16(tcp + kTcpChecksumOffset, checksumReplace(checksum, from, to));
}

}  // namespace

bool parseIpHeader(Bytes bytes, IpPacket& packet) {
  if (bytes.empty()) return false;
  if (bytes[0] >> 4 == 4) return parseIpv4(bytes, packet);
  if (bytes[0] >> 4 == 6) return parseIpv6(bytes, packet);
  return false;
}

bool parseIpPacket(Bytes bytes, IpPacket& packet) {
  return parseIpHeader(bytes, packet) && packet.totalLength <= bytes.size();
}

void clampMss(MutableBytes bytes, const IpPacket& packet, uint16_t packetBytes) {
  if (packet.protocol != kProtocolTcp || packet.fragment) return;
  const size_t length = packet.totalLength - packet.headerLength;
  if (length < kTcpHeaderLength) return;
  uint8_t* tcp = bytes.data() + packet.headerLength;
  if (!(tcp[13] & kTcpSyn)) return;
  const size_t headers = (packet.version == 4 ? kIpv4HeaderLength : kIpv6HeaderLength) + kTcpHeaderLength;
  if (packetBytes <= headers) return;
  const uint16_t limit = static_cast<uint16_t>(packetBytes - headers);
  const size_t end = (tcp[12] >> 4) * 4u;
  if (end > length) return;
  size_t at = kTcpHeaderLength;
  while (at < end && tcp[at] != kOptionEnd) {
    if (tcp[at] == kOptionNothing) {
      at++;
      continue;
    }
    if (at + 1 >= end || tcp[at + 1] < 2 || at + tcp[at + 1] > end) return;
    if (tcp[at] == kOptionMss && tcp[at + 1] == kOptionMssLength) return lowerMss(tcp, at, limit);
    at += tcp[at + 1];
  }
}

}  // namespace causeway
