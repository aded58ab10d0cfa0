#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace causeway {

using Bytes = std::span<const uint8_t>;
using MutableBytes = std::span<uint8_t>;

/** Network order (big-endian) access to unaligned memory. */
inline uint16_t load16(const uint8_t* p) { return static_cast<uint16_t>(p[0] << 8 | p[1]); }

inline uint32_t load32(const uint8_t* p) {
  uint32_t value;
  memcpy(&value, p, sizeof value);
  return __builtin_bswap32(value);
}

inline uint64_t load64(const uint8_t* p) {
  uint64_t value;
  memcpy(&value, p, sizeof value);
  return __builtin_bswap64(value);
}

inline void store16(uint8_t* p, uint16_t value) {
  p[0] = static_cast<uint8_t>(value >> 8);
  p[1] = static_cast<uint8_t>(value);
}

inline void store32(uint8_t* p, uint32_t value) {
  value = __builtin_bswap32(value);
  memcpy(p, &value, sizeof value);
}

inline void store64(uint8_t* p, uint64_t value) {
  value = __builtin_bswap64(value);
  memcpy(p, &value, sizeof value);
}

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "the datapath is written for little-endian machines");

}  // namespace causeway
