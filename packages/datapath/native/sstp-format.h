#pragma once

#include <string>

#include "bytes.h"

namespace causeway {

/*
 * SSTP packets ([MS-SSTP] §2.2.1) and the PPP frames (RFC 1661 §2) in those that carry data:
 *
 *    0                   1                   2                   3
 *    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *   +---------------+-------------+-+-------+-----------------------+
 *   | Version 0x10  |  reserved   |C|   R   |        Length         |
 *   +---------------+-------------+-+-------+-----------------------+
 *
 * Length counts the header. Reserved bits mean nothing.
 */

constexpr size_t kSstpHeaderLength = 4;
constexpr uint8_t kSstpVersion = 0x10;
constexpr size_t kLongestSstpPacket = 4095;

/** Length of the packet that begins with this head; 0: no peer sends it. */
inline size_t sstpLength(const uint8_t* head) {
  const size_t length = load16(head + 2) & 0x0fff;
  return head[0] == kSstpVersion && length >= kSstpHeaderLength ? length : 0;
}

inline bool isSstpControl(Bytes packet) { return (packet[1] & 1) != 0; }

/** What is wrong with a head whose length is 0. */
std::string sstpFault(const uint8_t* head);

/** PPP's protocol numbers of IP (RFC 1332 §3, RFC 5072 §3). */
constexpr uint16_t kPppIpv4 = 0x0021;
constexpr uint16_t kPppIpv6 = 0x0057;

/** What a PPP frame holds. */
struct PppFrame {
  /** 0: cut short, or a protocol field that no protocol has. */
  uint16_t protocol;
  MutableBytes information;

  bool isIp() const { return protocol == kPppIpv4 || protocol == kPppIpv6; }
};

/** Reads a frame, its address, control and protocol fields compressed or not. */
PppFrame readPppFrame(MutableBytes frame);

/** What stands before an IP packet of a flow: SSTP's header and PPP's. */
class SstpDataHeader {
 public:
  SstpDataHeader() = default;
  SstpDataHeader(bool compressAddressControl, bool compressProtocol);

  size_t length() const { return length_; }
  /** Writes it before the place of an IP packet of `payload` bytes. */
  void write(uint8_t version, size_t payload, uint8_t* out) const;

 private:
  static constexpr size_t kLongest = kSstpHeaderLength + 4;

  uint8_t bytes_[kLongest] = {};
  uint8_t length_ = 0;
};

}  // namespace causeway
