#include "ipv4-fragment.h"

#include <algorithm>

#include "checksum.h"

namespace causeway {

namespace {

constexpr uint16_t kMoreFragments = 0x2000;
constexpr uint8_t kOptionEnd = 0;
constexpr uint8_t kOptionNothing = 1;
/** RFC 791 §3.1: the option stands in every fragment. */
constexpr uint8_t kCopied = 0x80;

}  // namespace

Ipv4Fragmenter::Ipv4Fragmenter(MutableBytes packet, size_t mtu)
    : whole_(packet),
      headerLength_((packet[0] & 0x0f) * 4u),
      room_(mtu - headerLength_),
      at_(headerLength_),
      flags_(load16(packet.data() + 6)) {
  memcpy(header_, packet.data(), headerLength_);
}

bool Ipv4Fragmenter::next(MutableBytes& fragment) {
  if (at_ >= whole_.size()) return false;
  const size_t left = whole_.size() - at_;
  const bool last = left <= room_;
  // Offsets count eights, so that all but the last end on one.
  const size_t length = last ? left : room_ & ~size_t{7};
  uint8_t* ip = whole_.data() + at_ - headerLength_;
  memcpy(ip, header_, headerLength_);
  store16(ip + 2, static_cast<uint16_t>(headerLength_ + length));
  const uint16_t more = last ? 0 : kMoreFragments;
  store16(ip + 6, static_cast<uint16_t>((flags_ + (at_ - headerLength_) / 8) | more));
  setIpv4HeaderChecksum(ip, headerLength_);
  if (at_ == headerLength_) forgetFirstOnlyOptions();
  at_ += length;
  fragment = {ip, headerLength_ + length};
  return true;
}

/** The header keeps its length: what is not copied becomes padding. */
void Ipv4Fragmenter::forgetFirstOnlyOptions() {
  for (size_t at = kIpv4HeaderLength; at < headerLength_ && header_[at] != kOptionEnd;) {
    const size_t left = headerLength_ - at;
    const bool single = header_[at] == kOptionNothing;
    const size_t length = single ? 1 : left < 2 ? left : std::clamp<size_t>(header_[at + 1], 2, left);
    if (!(header_[at] & kCopied)) memset(header_ + at, kOptionNothing, std::min(length, left));
    at += length;
  }
}

}  // namespace causeway
