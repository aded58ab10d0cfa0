#include "../ip-packet.h"

#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

uint16_t mssOf(const std::vector<uint8_t>& packet, size_t at) { return load16(packet.data() + at); }

}  // namespace

TEST(clampLowersTheMssAndKeepsTheChecksum) {
  for (const int version : {4, 6}) {
    for (size_t lead = 0; lead < 4; lead++) {
      PacketShape shape{.version = version, .flags = kTcpSyn};
      shape.options.assign(lead, 1);
      shape.options.insert(shape.options.end(), {2, 4, 0x05, 0xb4});
      shape.options.resize(8, 0);
      std::vector<uint8_t> bytes = buildPacket(shape);
      IpPacket packet;
      CHECK(parseIpPacket(bytes, packet));
      clampMss(bytes, packet, 1300);
      const size_t headers = version == 4 ? 40 : 60;
      CHECK(mssOf(bytes, headers + lead + 2) == 1300 - headers);
      CHECK(packetHolds(bytes));
    }
  }
}

TEST(clampNeverRaisesAndLeavesOtherPacketsAlone) {
  PacketShape shape{.flags = kTcpSyn, .options = {2, 4, 0x02, 0x18}};
  std::vector<uint8_t> bytes = buildPacket(shape);
  const std::vector<uint8_t> before = bytes;
  IpPacket packet;
  CHECK(parseIpPacket(bytes, packet));
  clampMss(bytes, packet, 1300);
  CHECK(bytes == before);
  shape.flags = kTcpAck;
  shape.options = {2, 4, 0x05, 0xb4};
  bytes = buildPacket(shape);
  const std::vector<uint8_t> data = bytes;
  CHECK(parseIpPacket(bytes, packet));
  clampMss(bytes, packet, 1300);
  CHECK(bytes == data);
}

TEST(parseAndClampSurviveEveryLengthAndNoise) {
  const std::vector<uint8_t> whole = buildPacket({.flags = kTcpSyn, .options = {1, 3, 3, 7, 2, 4, 5, 0xb4}});
  for (size_t length = 0; length <= whole.size(); length++) {
    for (int round = 0; round < 200; round++) {
      std::vector<uint8_t> bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
      if (round > 0 && length > 0) bytes[below(length)] = static_cast<uint8_t>(generator()());
      if (round > 100 && length >= 20) store16(bytes.data() + 2, static_cast<uint16_t>(length));
      IpPacket packet;
      if (!parseIpPacket(bytes, packet)) continue;
      CHECK(packet.totalLength <= length && packet.headerLength <= packet.totalLength);
      clampMss(bytes, packet, 600);
    }
  }
}
