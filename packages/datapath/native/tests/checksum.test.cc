#include "../checksum.h"

#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

/** RFC 1071 §4.1, word by word. */
uint16_t slowChecksum(Bytes data) {
  uint64_t sum = 0;
  for (size_t i = 0; i < data.size(); i++) sum += static_cast<uint64_t>(data[i]) << (i % 2 == 0 ? 8 : 0);
  while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}

}  // namespace

TEST(checksumEqualsTheWordByWordSumAtEveryLength) {
  for (size_t length = 0; length < 600; length++) {
    std::vector<uint8_t> data = randomBytes(length);
    if (length % 3 == 0) std::fill(data.begin(), data.end(), uint8_t{0xff});
    const uint16_t fast = __builtin_bswap16(checksumFold(checksumAdd(0, data)));
    // 0 and 0xffff are the same number in ones-complement.
    CHECK(fast % 0xffff == slowChecksum(data) % 0xffff);
  }
}

TEST(checksumOfTheExampleInRfc1071) {
  const uint8_t data[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  CHECK(__builtin_bswap16(checksumFold(checksumAdd(0, data))) == 0xddf2);
}

TEST(checksumReplaceEqualsSummingAgain) {
  for (int round = 0; round < 2000; round++) {
    std::vector<uint8_t> data = randomBytes(64);
    const uint16_t before = static_cast<uint16_t>(~slowChecksum(data));
    const uint16_t from = load16(data.data() + 10);
    const uint16_t to = static_cast<uint16_t>(below(65536));
    store16(data.data() + 10, to);
    CHECK(checksumReplace(before, from, to) % 0xffff == static_cast<uint16_t>(~slowChecksum(data)) % 0xffff);
  }
}
