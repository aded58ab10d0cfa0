#include "checksum.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace causeway {

namespace {

// A carry out of 64 bits is worth one, as 2^64 ≡ 1 modulo 2^16 - 1.
uint64_t addCarrying(uint64_t a, uint64_t b) {
  const uint64_t sum = a + b;
  return sum + (sum < a);
}

uint64_t addScalar(uint64_t sum, const uint8_t* p, size_t length) {
  while (length >= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
    sum = addCarrying(sum, word);
    p += 8;
    length -= 8;
  }
  uint64_t rest = 0;
  memcpy(&rest, p, length);
  return addCarrying(sum, rest);
}

#if defined(__x86_64__)
/** 32-bit words in 64-bit lanes: no lane overflows below 2^32 rounds. `length` is a multiple of 64. */
__attribute__((target("avx2"))) uint64_t addAvx2(const uint8_t* p, size_t length) {
  const __m256i low = _mm256_set1_epi64x(0xffffffff);
  __m256i a = _mm256_setzero_si256(), b = a, c = a, d = a;
  for (size_t i = 0; i < length; i += 64) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i));
    const __m256i y = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + i + 32));
    a = _mm256_add_epi64(a, _mm256_and_si256(x, low));
    b = _mm256_add_epi64(b, _mm256_srli_epi64(x, 32));
    c = _mm256_add_epi64(c, _mm256_and_si256(y, low));
    d = _mm256_add_epi64(d, _mm256_srli_epi64(y, 32));
  }
  alignas(32) uint64_t lanes[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes),
                     _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(c, d)));
  return lanes[0] + lanes[1] + lanes[2] + lanes[3];
}

const bool hasAvx2 = __builtin_cpu_supports("avx2");
#endif

}  // namespace

uint64_t checksumAdd(uint64_t sum, Bytes data) {
  const uint8_t* p = data.data();
  size_t length = data.size();
#if defined(__x86_64__)
  if (length >= 128 && hasAvx2) {
    const size_t wide = length & ~size_t{63};
    sum = addCarrying(sum, addAvx2(p, wide));
    p += wide;
    length -= wide;
  }
#endif
  return length == 0 ? sum : addScalar(sum, p, length);
}

uint64_t pseudoHeaderSum(const uint8_t* ip, uint8_t protocol, uint32_t length) {
  const bool v4 = ip[0] >> 4 == 4;
  const Bytes addresses = v4 ? Bytes(ip + 12, 8) : Bytes(ip + 8, 32);
  const uint64_t fields = networkWord(protocol) + networkWord(static_cast<uint16_t>(length)) +
                          networkWord(static_cast<uint16_t>(length >> 16));
  return checksumAdd(fields, addresses);
}

void setIpv4HeaderChecksum(uint8_t* ip, size_t length) {
  memset(ip + 10, 0, 2);
  const uint16_t checksum = static_cast<uint16_t>(~checksumFold(checksumAdd(0, {ip, length})));
  memcpy(ip + 10, &checksum, 2);
}

uint16_t checksumReplace(uint16_t checksum, uint16_t before, uint16_t after) {
  const uint64_t sum = uint64_t{static_cast<uint16_t>(~checksum)} + static_cast<uint16_t>(~before) + after;
  return static_cast<uint16_t>(~checksumFold(sum));
}

}  // namespace causeway
