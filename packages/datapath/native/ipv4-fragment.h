#pragma once

#include "ip-packet.h"

namespace causeway {

/** Whether routers may fragment it: IPv4 without "don't fragment". */
inline bool isFragmentable(const MutableBytes packet) { return packet[0] >> 4 == 4 && !(packet[6] & 0x40); }

/**
 * Cuts an IPv4 packet into fragments (RFC 791 §3.2). Works in place, as `Segmenter`: each fragment's header
 * is written over the end of the fragment before, so a fragment is valid until the next call of `next`.
 */
class Ipv4Fragmenter {
 public:
  /** `packet` was parsed; `mtu` has room for a header and eight bytes. */
  Ipv4Fragmenter(MutableBytes packet, size_t mtu);

  /** Gives the next fragment, or false after the last. */
  bool next(MutableBytes& fragment);

 private:
  static constexpr size_t kLongestHeader = 60;

  void forgetFirstOnlyOptions();

  MutableBytes whole_;
  uint8_t header_[kLongestHeader];
  size_t headerLength_;
  /** Payload bytes that fit. */
  size_t room_;
  size_t at_;
  /** Flags and offset of the packet itself, which may be a fragment. */
  uint16_t flags_;
};

}  // namespace causeway
