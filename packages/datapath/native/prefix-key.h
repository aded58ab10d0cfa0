#pragma once

#include "bytes.h"
#include "flat-table.h"

namespace causeway {

/** The upper `bits` (0–64) set. */
inline uint64_t upperBits(unsigned bits) { return bits == 0 ? 0 : ~uint64_t{0} << (64 - bits); }

/** An address (4 or 16 bytes by `version`) as a key. */
inline FlatKey addressKey(uint8_t version, const uint8_t* address) {
  if (version == 4) return {uint64_t{load32(address)} << 32, 0, 0};
  return {load64(address), load64(address + 8), 0};
}

/** The key of the prefix of this length that holds the address. */
inline FlatKey prefixKey(const FlatKey& address, unsigned length) {
  if (length <= 64) return {address.a & upperBits(length), 0, 0};
  return {address.a, address.b & upperBits(length - 64), 0};
}

}  // namespace causeway
