#include "../checksum.h"
#include "../event-pace.h"
#include "../ipv4-fragment.h"
#include "../too-big.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

bool headerHolds(Bytes packet) {
  const size_t length = (packet[0] & 0x0f) * 4u;
  return load16(packet.data() + 2) == packet.size() &&
         checksumFold(checksumAdd(0, packet.first(length))) == 0xffff;
}

/** A UDP packet that may be fragmented, with these IP options. */
std::vector<uint8_t> fragmentable(size_t payload, const std::vector<uint8_t>& options = {}) {
  std::vector<uint8_t> packet = buildPacket({.tcp = false, .payload = randomBytes(payload)});
  packet.insert(packet.begin() + kIpv4HeaderLength, options.begin(), options.end());
  packet[0] = static_cast<uint8_t>(0x45 + options.size() / 4);
  packet[6] = 0;
  store16(packet.data() + 2, static_cast<uint16_t>(packet.size()));
  setIpv4HeaderChecksum(packet.data(), kIpv4HeaderLength + options.size());
  return packet;
}

std::vector<std::vector<uint8_t>> fragmentsOf(std::vector<uint8_t> packet, size_t mtu) {
  Ipv4Fragmenter fragmenter(packet, mtu);
  std::vector<std::vector<uint8_t>> fragments;
  MutableBytes fragment;
  while (fragmenter.next(fragment)) {
    CHECK(fragment.size() <= mtu && headerHolds(fragment));
    fragments.emplace_back(fragment.begin(), fragment.end());
  }
  return fragments;
}

uint16_t flagsOf(const std::vector<uint8_t>& packet) { return load16(packet.data() + 6); }

bool tooBig(const std::vector<uint8_t>& packet, std::vector<uint8_t>& message, uint32_t mtu = 1400) {
  IpPacket header;
  CHECK(parseIpPacket(packet, header));
  message.resize(kLongestTooBig);
  message.resize(writeTooBig(packet, header, mtu, message.data()));
  return !message.empty();
}

bool mayBeTold(const std::vector<uint8_t>& packet) {
  std::vector<uint8_t> message;
  return tooBig(packet, message);
}

}  // namespace

TEST(fragmentsPutTogetherAreThePacket) {
  for (int round = 0; round < 200; round++) {
    const std::vector<uint8_t> packet = fragmentable(below(4000));
    const size_t mtu = 576 + below(1000);
    const auto fragments = fragmentsOf(packet, mtu);
    std::vector<uint8_t> whole(packet.begin(), packet.begin() + kIpv4HeaderLength);
    for (size_t i = 0; i < fragments.size(); i++) {
      const std::vector<uint8_t>& fragment = fragments[i];
      const bool last = i + 1 == fragments.size();
      CHECK(flagsOf(fragment) == ((whole.size() - kIpv4HeaderLength) / 8 | (last ? 0 : 0x2000)));
      CHECK(memcmp(fragment.data() + 12, packet.data() + 12, 8) == 0);
      CHECK(load16(fragment.data() + 4) == load16(packet.data() + 4));
      whole.insert(whole.end(), fragment.begin() + kIpv4HeaderLength, fragment.end());
    }
    CHECK(whole == packet);
  }
}

TEST(fragmentsOfAFragmentKeepItsPlace) {
  std::vector<uint8_t> packet = fragmentable(2000);
  store16(packet.data() + 6, 0x2000 | 50);
  const auto fragments = fragmentsOf(packet, 1000);
  CHECK(fragments.size() == 3);
  CHECK(flagsOf(fragments[0]) == (0x2000 | 50));
  CHECK(flagsOf(fragments[1]) == (0x2000 | (50 + 976 / 8)));
  // More fragments follow the last one too.
  CHECK(flagsOf(fragments[2]) == (0x2000 | (50 + 2 * 976 / 8)));
}

TEST(onlyCopiedOptionsGoIntoLaterFragments) {
  // Record route (7) stays in the first, router alert (0x94) goes into all.
  const auto fragments = fragmentsOf(fragmentable(1500, {7, 3, 4, 1, 0x94, 4, 0, 0}), 1000);
  CHECK(fragments.size() == 2);
  CHECK(Bytes(fragments[0]).subspan(20, 8)[0] == 7);
  const std::vector<uint8_t> expected = {1, 1, 1, 1, 0x94, 4, 0, 0};
  CHECK(std::equal(expected.begin(), expected.end(), fragments[1].begin() + 20));
}

TEST(optionsThatLieStayInTheHeader) {
  for (int round = 0; round < 500; round++) {
    std::vector<uint8_t> options = randomBytes(4 * (1 + below(10)));
    if (round % 2) options[below(options.size())] = 0;
    for (const auto& fragment : fragmentsOf(fragmentable(1500, options), 600))
      CHECK(fragment.size() > kIpv4HeaderLength + options.size());
  }
}

TEST(onlyIpv4WithoutDontFragmentIsFragmentable) {
  std::vector<uint8_t> packet = fragmentable(100);
  CHECK(isFragmentable(packet));
  packet[6] = 0x40;
  CHECK(!isFragmentable(packet));
  std::vector<uint8_t> six = buildPacket({.version = 6});
  six[6] = 17;
  CHECK(!isFragmentable(six));
}

TEST(tooBigNamesTheMtuAndQuotesThePacket) {
  std::vector<uint8_t> message;
  const std::vector<uint8_t> packet4 = buildPacket({.payload = randomBytes(1450)});
  CHECK(tooBig(packet4, message, 1399) && message.size() == 576 && headerHolds(message));
  CHECK(message[9] == 1 && message[20] == 3 && message[21] == 4 && load32(message.data() + 24) == 1399);
  CHECK(memcmp(message.data() + 12, packet4.data() + 16, 4) == 0);
  CHECK(memcmp(message.data() + 16, packet4.data() + 12, 4) == 0);
  CHECK(std::equal(message.begin() + 28, message.end(), packet4.begin()));
  CHECK(checksumFold(checksumAdd(0, Bytes(message).subspan(20))) == 0xffff);

  const std::vector<uint8_t> packet6 = buildPacket({.version = 6, .payload = randomBytes(1450)});
  CHECK(tooBig(packet6, message, 1399) && message.size() == 1280);
  CHECK(message[6] == 58 && message[40] == 2 && message[41] == 0 && load32(message.data() + 44) == 1399);
  CHECK(memcmp(message.data() + 8, packet6.data() + 24, 16) == 0);
  CHECK(std::equal(message.begin() + 48, message.end(), packet6.begin()));
  const uint64_t pseudo = pseudoHeaderSum(message.data(), 58, 1240);
  CHECK(checksumFold(checksumAdd(pseudo, Bytes(message).subspan(40))) == 0xffff);
}

TEST(tooBigIsNotToldOfWhatMustNotBeAnswered) {
  std::vector<uint8_t> icmp = buildPacket({.tcp = false, .payload = randomBytes(600)});
  icmp[9] = 1;
  icmp[20] = 8;
  CHECK(mayBeTold(icmp));
  for (const uint8_t error : {3, 4, 5, 11, 12, 99}) {
    icmp[20] = error;
    CHECK(!mayBeTold(icmp));
  }
  std::vector<uint8_t> icmp6 = buildPacket({.version = 6, .tcp = false, .payload = randomBytes(600)});
  icmp6[6] = 58;
  icmp6[40] = 128;
  CHECK(mayBeTold(icmp6));
  icmp6[40] = 2;
  CHECK(!mayBeTold(icmp6));

  const std::vector<uint8_t> packet = buildPacket({.payload = randomBytes(600)});
  std::vector<uint8_t> later = packet;
  store16(later.data() + 6, 7);
  CHECK(mayBeTold(packet) && !mayBeTold(later));
  for (const size_t at : {12, 16}) {
    for (const uint8_t first : {0, 127, 224, 255}) {
      std::vector<uint8_t> odd = packet;
      odd[at] = first;
      CHECK(!mayBeTold(odd));
    }
  }
}

TEST(paceLetsABurstThroughAndThenOneEachInterval) {
  EventPace pace;
  int admitted = 0;
  for (int i = 0; i < 100; i++) admitted += pace.admits(1000);
  CHECK(admitted == 10);
  CHECK(!pace.admits(1099) && pace.admits(1100) && !pace.admits(1100));
  admitted = 0;
  for (int i = 0; i < 100; i++) admitted += pace.admits(60'000);
  CHECK(admitted == 10);
}
