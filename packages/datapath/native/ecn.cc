#include "ecn.h"

#include "checksum.h"

namespace causeway {

namespace {

constexpr size_t kIpv4ChecksumOffset = 10;

void setEcn(uint8_t* ip, const IpPacket& packet, uint8_t ecn) {
  if (packet.version == 6) {
    ip[1] = static_cast<uint8_t>((ip[1] & 0xcf) | ecn << 4);
    return;
  }
  const uint16_t before = load16(ip);
  ip[1] = static_cast<uint8_t>((ip[1] & 0xfc) | ecn);
  uint8_t* checksum = ip + kIpv4ChecksumOffset;
  store16(checksum, checksumReplace(load16(checksum), before, load16(ip)));
}

}  // namespace

bool takeEcn(MutableBytes bytes, const IpPacket& packet, uint8_t outer) {
  if (outer == kNotEct || outer == kEct0) return true;
  const uint8_t inner = ecnOf(bytes.data());
  // The sender does not know of congestion marks: it must learn by loss.
  if (inner == kNotEct) return outer != kCongestion;
  if (inner != kCongestion && inner != outer) setEcn(bytes.data(), packet, outer);
  return true;
}

}  // namespace causeway
