#include "../ecn.h"

#include "../checksum.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

constexpr int kDropped = -1;

/** What a packet with field `inner` comes out with behind an outer header with field `outer`. */
int combined(int version, uint8_t inner, uint8_t outer) {
  std::vector<uint8_t> packet = buildPacket({.version = version});
  packet[1] = static_cast<uint8_t>(version == 4 ? 0xa8 | inner : 0x8f | inner << 4);
  fixChecksums(packet);
  const std::vector<uint8_t> before = packet;
  IpPacket header;
  CHECK(parseIpPacket(packet, header));
  if (!takeEcn(packet, header, outer)) return kDropped;
  CHECK(packetHolds(packet));
  // Nothing but the field and the checksum has changed.
  CHECK((packet[1] & (version == 4 ? 0xfc : 0xcf)) == (before[1] & (version == 4 ? 0xfc : 0xcf)));
  CHECK(std::equal(packet.begin() + 12, packet.end(), before.begin() + 12));
  return ecnOf(packet.data());
}

}  // namespace

/** RFC 6040 §4.2, figure 4. */
TEST(ecnIsCombinedByTheTable) {
  constexpr uint8_t columns[] = {kNotEct, kEct0, kEct1, kCongestion};
  constexpr struct {
    uint8_t inner;
    int expected[4];
  } rows[] = {{kNotEct, {kNotEct, kNotEct, kNotEct, kDropped}},
              {kEct0, {kEct0, kEct0, kEct1, kCongestion}},
              {kEct1, {kEct1, kEct1, kEct1, kCongestion}},
              {kCongestion, {kCongestion, kCongestion, kCongestion, kCongestion}}};
  for (const int version : {4, 6}) {
    for (const auto& row : rows) {
      for (size_t i = 0; i < std::size(columns); i++)
        CHECK(combined(version, row.inner, columns[i]) == row.expected[i]);
    }
  }
}
