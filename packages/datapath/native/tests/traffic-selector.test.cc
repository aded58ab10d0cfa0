#include "../traffic-selector.h"

#include "../checksum.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

/** The far end of test packets is their source: 10.8.0.2:1000 or fd00::2; the near end is port 443. */
constexpr uint32_t kFar = 0x0a080002;

TrafficSelector v4(uint32_t start, uint32_t end, uint8_t protocol = 0, uint16_t from = 0,
                   uint16_t to = 0xffff) {
  return {4, protocol, from, to, start, end};
}

TrafficSelector everything(uint8_t version) {
  const AddressValue last = version == 4 ? AddressValue{0xffffffff} : ~AddressValue{0};
  return {version, 0, 0, 0xffff, 0, last};
}

bool inbound(const Selectors& selectors, Bytes packet) {
  IpPacket header;
  CHECK(parseIpPacket(packet, header));
  return selectors.holdInbound(packet, header);
}

bool outbound(const Selectors& selectors, Bytes packet) {
  IpPacket header;
  CHECK(parseIpPacket(packet, header));
  return selectors.holdOutbound(packet, header);
}

/** Makes a later fragment of a packet. */
std::vector<uint8_t> laterFragment(std::vector<uint8_t> packet) {
  store16(packet.data() + 6, 100);
  setIpv4HeaderChecksum(packet.data(), kIpv4HeaderLength);
  return packet;
}

/** An IPv6 UDP packet with these extension headers before UDP; the first has number `first`. */
std::vector<uint8_t> withExtensions(uint8_t first, const std::vector<uint8_t>& extensions) {
  std::vector<uint8_t> packet = buildPacket({.version = 6, .tcp = false, .payload = randomBytes(8)});
  packet.insert(packet.begin() + kIpv6HeaderLength, extensions.begin(), extensions.end());
  packet[6] = first;
  store16(packet.data() + 4, static_cast<uint16_t>(packet.size() - kIpv6HeaderLength));
  return packet;
}

}  // namespace

TEST(selectorsOfAddressesDecideByAddressesAlone) {
  const Selectors selectors({v4(0x0a000000, 0x0a0000ff)}, {v4(kFar, kFar)});
  CHECK(selectors.addressesDecide());
  const std::vector<uint8_t> packet = buildPacket({});
  CHECK(inbound(selectors, packet));
  CHECK(inbound(selectors, laterFragment(packet)));
  // The other way round, near and far are elsewhere.
  CHECK(!outbound(selectors, packet));
  CHECK(outbound(Selectors({v4(kFar, kFar)}, {everything(4)}), packet));
  CHECK(!inbound(Selectors({everything(4)}, {v4(kFar + 1, ~0u)}), packet));
  CHECK(!inbound(Selectors({everything(4)}, {v4(0, kFar - 1)}), packet));
  CHECK(inbound(Selectors({everything(4)}, {v4(0, kFar - 1), v4(kFar, kFar)}), packet));
}

TEST(selectorsOfOneFamilyHoldNothingOfTheOther) {
  const Selectors four({everything(4)}, {everything(4)}), six({everything(6)}, {everything(6)});
  const std::vector<uint8_t> packet4 = buildPacket({}), packet6 = buildPacket({.version = 6});
  CHECK(inbound(four, packet4) && !inbound(four, packet6));
  CHECK(inbound(six, packet6) && !inbound(six, packet4));
}

TEST(selectorsOfProtocolAndPortAskForBoth) {
  const Selectors https({v4(0, ~0u, kProtocolTcp, 443, 443)}, {everything(4)});
  CHECK(!https.addressesDecide());
  CHECK(inbound(https, buildPacket({})));
  CHECK(!inbound(https, buildPacket({.tcp = false})));
  // From the host, the near end is the source.
  CHECK(!outbound(https, buildPacket({})));
  CHECK(outbound(https, buildPacket({.sourcePort = 443})));
  const Selectors range({everything(4)}, {v4(0, ~0u, 0, 1000, 1001)});
  CHECK(inbound(range, buildPacket({.sourcePort = 1001})));
  CHECK(!inbound(range, buildPacket({.sourcePort = 1002})));
  CHECK(!inbound(range, buildPacket({.sourcePort = 999})));
  CHECK(inbound(range, buildPacket({.tcp = false, .sourcePort = 1000})));
}

TEST(selectorsOfPortsHoldNoFragmentThatShowsNone) {
  const std::vector<uint8_t> packet = buildPacket({.payload = randomBytes(64)});
  std::vector<uint8_t> first = packet;
  first[6] = 0x20;
  const Selectors port({v4(0, ~0u, kProtocolTcp, 443, 443)}, {everything(4)});
  CHECK(inbound(port, packet) && inbound(port, first) && !inbound(port, laterFragment(packet)));
  const Selectors protocol({v4(0, ~0u, kProtocolTcp)}, {everything(4)});
  CHECK(inbound(protocol, laterFragment(packet)));
}

TEST(selectorsOfIcmpAskForTypeAndCode) {
  std::vector<uint8_t> ping = buildPacket({.tcp = false});
  ping[9] = 1;
  ping[20] = 8;
  ping[21] = 0;
  CHECK(inbound(Selectors({v4(0, ~0u, 1, 0x0800, 0x0800)}, {everything(4)}), ping));
  CHECK(!inbound(Selectors({v4(0, ~0u, 1, 0x0000, 0x0000)}, {everything(4)}), ping));
}

TEST(extensionHeadersAreWalkedWithinThePacket) {
  const Selectors udp({{6, kProtocolUdp, 443, 443, 0, ~AddressValue{0}}}, {everything(6)});
  CHECK(inbound(udp, buildPacket({.version = 6, .tcp = false})));
  CHECK(inbound(
      udp, withExtensions(0, {60, 0, 0, 0, 0, 0, 0, 0, 17, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})));
  // Authentication header: its length counts words of four bytes, less two.
  CHECK(inbound(udp, withExtensions(51, {17, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})));
  // A first fragment shows its ports; a later one does not.
  CHECK(inbound(udp, withExtensions(44, {17, 0, 0, 1, 0, 0, 0, 0})));
  CHECK(!inbound(udp, withExtensions(44, {17, 0, 0, 8, 0, 0, 0, 0})));
  // Lengths that lie, and walks that never end, find the packet's end.
  CHECK(!inbound(udp, withExtensions(0, {17, 255, 0, 0, 0, 0, 0, 0})));
  for (size_t length = 0; length < 80; length++) {
    for (const uint8_t first : {0, 43, 44, 51, 60}) {
      std::vector<uint8_t> noise = randomBytes(length);
      for (size_t i = 0; i < length; i += 8) noise[i] = first;
      const std::vector<uint8_t> packet = withExtensions(first, noise);
      IpPacket header;
      CHECK(parseIpPacket(packet, header));
      readTransportPorts(packet, header);
    }
  }
}

TEST(packetsCutBeforeTheirPortsShowNone) {
  for (size_t length = 0; length < 4; length++) {
    std::vector<uint8_t> packet = buildPacket({.tcp = false});
    packet.resize(kIpv4HeaderLength + length);
    store16(packet.data() + 2, static_cast<uint16_t>(packet.size()));
    IpPacket header;
    CHECK(parseIpPacket(packet, header));
    CHECK(!readTransportPorts(packet, header).visible);
  }
}
