#pragma once

#include "ip-packet.h"

namespace causeway {

/*
 * Congestion notification across a tunnel: RFC 6040, which RFC 7296 §2.24 asks of ESP in tunnel mode. What
 * goes in is copied outward ("normal mode", §4.1), what comes out is combined (§4.2).
 */

constexpr uint8_t kNotEct = 0;
constexpr uint8_t kEct1 = 1;
constexpr uint8_t kEct0 = 2;
constexpr uint8_t kCongestion = 3;

/** The ECN field of an IP packet. */
inline uint8_t ecnOf(const uint8_t* packet) {
  return packet[0] >> 4 == 4 ? packet[1] & 3 : packet[1] >> 4 & 3;
}

/** Puts what the outer header says into a packet that came out. False: it is to be dropped. */
bool takeEcn(MutableBytes bytes, const IpPacket& packet, uint8_t outer);

}  // namespace causeway
