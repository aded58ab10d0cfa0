#include "segment.h"

#include <algorithm>

#include "checksum.h"
#include "ip-packet.h"

namespace causeway {

namespace {

constexpr size_t kTcpChecksum = 16;
constexpr size_t kUdpChecksum = 6;

uint16_t checksumOf(uint64_t sum, uint8_t protocol) {
  const uint16_t checksum = static_cast<uint16_t>(~checksumFold(sum));
  // RFC 768: zero means "none", so a computed zero is sent as all ones.
  return checksum == 0 && protocol == kProtocolUdp ? 0xffff : checksum;
}

}  // namespace

bool Segmenter::start(MutableBytes packet, const VirtioHeader& header) {
  whole_ = packet;
  offset_ = 0;
  index_ = 0;
  const uint8_t type = header.gsoType & static_cast<uint8_t>(~kVirtioGsoEcn);
  if (packet.size() < kIpv4HeaderLength) return false;
  single_ = type == kVirtioGsoNone;
  if (!single_) {
    protocol_ = type == kVirtioGsoUdp ? kProtocolUdp : kProtocolTcp;
    const bool known = type == kVirtioGsoTcp4 || type == kVirtioGsoTcp6 || type == kVirtioGsoUdp;
    return known && startGso(header);
  }
  if (header.flags & kVirtioNeedsChecksum) {
    if (header.checksumStart + header.checksumOffset + 2u > packet.size()) return false;
    completeChecksum(header);
  }
  return true;
}

bool Segmenter::next(MutableBytes& packet) {
  if (offset_ >= whole_.size()) return false;
  if (single_) {
    offset_ = whole_.size();
    packet = whole_;
    return true;
  }
  const size_t length = std::min(segmentSize_, whole_.size() - offset_);
  const bool last = offset_ + length == whole_.size();
  uint8_t* ip = whole_.data() + offset_ - headerLength_;
  memcpy(ip, header_, headerLength_);
  writeHeader(ip, length, last);
  packet = {ip, headerLength_ + length};
  offset_ += length;
  index_++;
  return true;
}

bool Segmenter::startGso(const VirtioHeader& header) {
  const uint8_t* ip = whole_.data();
  const bool v4 = ip[0] >> 4 == 4;
  const size_t ipLength = v4 ? (ip[0] & 0x0f) * 4u : kIpv6HeaderLength;
  transport_ = header.checksumStart;
  if (!v4 && ip[0] >> 4 != 6) return false;
  if (ipLength < kIpv4HeaderLength || transport_ < ipLength) return false;
  const size_t least = protocol_ == kProtocolTcp ? kTcpHeaderLength : kUdpHeaderLength;
  if (transport_ + least > whole_.size()) return false;
  const size_t transportLength =
      protocol_ == kProtocolTcp ? (ip[transport_ + 12] >> 4) * 4u : kUdpHeaderLength;
  headerLength_ = transport_ + transportLength;
  segmentSize_ = header.gsoSize;
  if (transportLength < least || headerLength_ > kLongestHeader || headerLength_ >= whole_.size())
    return false;
  if (segmentSize_ == 0) return false;
  memcpy(header_, ip, headerLength_);
  offset_ = headerLength_;
  return true;
}

void Segmenter::completeChecksum(const VirtioHeader& header) {
  const MutableBytes covered = whole_.subspan(header.checksumStart);
  const uint8_t protocol = header.checksumOffset == kUdpChecksum ? kProtocolUdp : kProtocolTcp;
  // The field holds the pseudo-header's sum, so summing over it includes that.
  const uint16_t checksum = checksumOf(checksumAdd(0, covered), protocol);
  memcpy(covered.data() + header.checksumOffset, &checksum, 2);
}

void Segmenter::writeHeader(uint8_t* ip, size_t payloadLength, bool last) {
  const size_t total = headerLength_ + payloadLength;
  if (ip[0] >> 4 == 4) {
    store16(ip + 2, static_cast<uint16_t>(total));
    store16(ip + 4, static_cast<uint16_t>(load16(ip + 4) + index_));
    setIpv4HeaderChecksum(ip, (ip[0] & 0x0f) * 4u);
  } else {
    store16(ip + 4, static_cast<uint16_t>(total - kIpv6HeaderLength));
  }
  uint8_t* transport = ip + transport_;
  const size_t length = total - transport_;
  const size_t checksumOffset = protocol_ == kProtocolTcp ? kTcpChecksum : kUdpChecksum;
  if (protocol_ == kProtocolTcp) writeTcpHeader(transport, last);
  else store16(transport + 4, static_cast<uint16_t>(length));
  memset(transport + checksumOffset, 0, 2);
  const uint64_t pseudo = pseudoHeaderSum(ip, protocol_, static_cast<uint32_t>(length));
  const uint16_t checksum = checksumOf(checksumAdd(pseudo, {transport, length}), protocol_);
  memcpy(transport + checksumOffset, &checksum, 2);
}

void Segmenter::writeTcpHeader(uint8_t* tcp, bool last) {
  store32(tcp + 4, load32(tcp + 4) + static_cast<uint32_t>(index_ * segmentSize_));
  if (!last) tcp[13] &= static_cast<uint8_t>(~(kTcpFin | kTcpPsh));
  // RFC 3168 §6.1.2: CWR is for the first segment only.
  if (index_ > 0) tcp[13] &= static_cast<uint8_t>(~kTcpCwr);
}

}  // namespace causeway
