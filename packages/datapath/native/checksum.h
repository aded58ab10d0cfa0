#pragma once

#include "bytes.h"

namespace causeway {

/**
 * Internet checksum, RFC 1071. Sums are kept in memory order (§2 (B): byte order independence), so a
 * folded sum is stored and loaded with memcpy and a number that joins a sum goes through `networkWord`.
 */

/** Adds data that starts at an even offset of what is summed. */
uint64_t checksumAdd(uint64_t sum, Bytes data);

/** The 16-bit ones-complement sum, not complemented. */
inline uint16_t checksumFold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

/** A 16-bit number as it enters a sum. */
inline uint64_t networkWord(uint16_t value) { return __builtin_bswap16(value); }

/**
 * Addresses, protocol and length of the pseudo-header (RFC 9293 §3.1, RFC 8200 §8.1). `ip` is a v4 or v6
 * header.
 */
uint64_t pseudoHeaderSum(const uint8_t* ip, uint8_t protocol, uint32_t length);

/** Writes the checksum of an IPv4 header of `length` bytes. */
void setIpv4HeaderChecksum(uint8_t* ip, size_t length);

/** The checksum field after one 16-bit word of what it covers has changed (RFC 1624, eqn. 3). */
uint16_t checksumReplace(uint16_t checksum, uint16_t before, uint16_t after);

}  // namespace causeway
