#pragma once

#include "bytes.h"
#include "virtio-header.h"

namespace causeway {

/**
 * Cuts a packet that the kernel left whole (TSO, USO) into packets of the path's size, and completes
 * checksums that the kernel left open. Works in place: each packet's header is written over the tail
 * of the packet before it, so packets come out contiguous without their payload being copied. A
 * packet is valid until the next call of `next`, which may overwrite it.
 */
class Segmenter {
 public:
  /** Starts on an IP packet. False when packet and header do not fit each other; nothing is written then. */
  bool start(MutableBytes packet, const VirtioHeader& header);

  /** Gives the next packet, or false after the last. */
  bool next(MutableBytes& packet);

 private:
  bool startGso(const VirtioHeader& header);
  void completeChecksum(const VirtioHeader& header);
  void writeHeader(uint8_t* ip, size_t payloadLength, bool last);
  void writeTcpHeader(uint8_t* tcp, bool last);

  /** IPv4 60 + TCP 60, with room for IPv6 extension headers. */
  static constexpr size_t kLongestHeader = 192;

  MutableBytes whole_;
  uint8_t header_[kLongestHeader];
  size_t headerLength_ = 0;
  size_t transport_ = 0;
  size_t segmentSize_ = 0;
  size_t offset_ = 0;
  uint16_t index_ = 0;
  uint8_t protocol_ = 0;
  bool single_ = false;
};

}  // namespace causeway
