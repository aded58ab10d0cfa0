#include "../reach.h"

#include "../too-big.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

/** The client of test packets is their source, and the far end is their destination, port 443. */
TrafficSelector everything(uint8_t version) {
  const AddressValue last = version == 4 ? AddressValue{0xffffffff} : ~AddressValue{0};
  return {version, 0, 0, 0xffff, 0, last};
}

IpPacket headerOf(Bytes packet) {
  IpPacket header;
  CHECK(parseIpPacket(packet, header));
  return header;
}

/** Just the destination of this packet, with this protocol and this port. */
TrafficSelector destinationOf(Bytes packet, uint8_t protocol = 0, uint16_t from = 0, uint16_t to = 0xffff) {
  const IpPacket header = headerOf(packet);
  const AddressValue address = addressValue(header.version, header.destination);
  return {header.version, protocol, from, to, address, address};
}

bool inbound(const Reach& reach, Bytes packet) { return reach.holdInbound(packet, headerOf(packet)); }
bool outbound(const Reach& reach, Bytes packet, bool fromClient = false) {
  return reach.holdOutbound(packet, headerOf(packet), fromClient);
}

/** The report of a router elsewhere that this packet is too big. */
std::vector<uint8_t> reportOf(Bytes packet) {
  uint8_t message[kLongestTooBig];
  const size_t length = writeTooBig(packet, headerOf(packet), 1280, message);
  CHECK(length > 0);
  std::vector<uint8_t> report(message, message + length);
  // Both families have the source before the destination; its first byte is another network's.
  report[headerOf(packet).version == 4 ? 12 : 8] ^= 0x40;
  return report;
}

/** The packet with these options between its header and what follows. */
std::vector<uint8_t> withOptions(std::vector<uint8_t> packet, const std::vector<uint8_t>& options) {
  packet.insert(packet.begin() + kIpv4HeaderLength, options.begin(), options.end());
  packet[0] = static_cast<uint8_t>(0x40 | (kIpv4HeaderLength + options.size()) / 4);
  store16(packet.data() + 2, static_cast<uint16_t>(packet.size()));
  return packet;
}

/** An IPv6 packet with these extension headers; the first has number `first`. */
std::vector<uint8_t> withExtensions(uint8_t first, const std::vector<uint8_t>& extensions) {
  std::vector<uint8_t> packet = buildPacket({.version = 6, .tcp = false, .payload = randomBytes(8)});
  packet.insert(packet.begin() + kIpv6HeaderLength, extensions.begin(), extensions.end());
  packet[6] = first;
  store16(packet.data() + 4, static_cast<uint16_t>(packet.size() - kIpv6HeaderLength));
  return packet;
}

}  // namespace

TEST(aReachHoldsItsDestinationsInEitherDirection) {
  for (const int version : {4, 6}) {
    const std::vector<uint8_t> packet = buildPacket({.version = version});
    const Reach far({destinationOf(packet)});
    CHECK(inbound(far, packet) && !outbound(far, packet));
    CHECK(!inbound(Reach({}), packet) && !outbound(Reach({}), packet));
    CHECK(!inbound(Reach({everything(version == 4 ? 6 : 4)}), packet));
    const Reach https({destinationOf(packet, kProtocolTcp, 443, 443)});
    CHECK(inbound(https, packet));
    CHECK(!inbound(https, buildPacket({.version = version, .tcp = false})));
  }
}

TEST(aReachHoldsReportsOfPacketsThatItHolds) {
  for (const int version : {4, 6}) {
    const std::vector<uint8_t> packet = buildPacket({.version = version, .payload = randomBytes(200)});
    const std::vector<uint8_t> report = reportOf(packet);
    for (const Reach& reach :
         {Reach({destinationOf(packet)}), Reach({destinationOf(packet, kProtocolTcp, 443, 443)})}) {
      CHECK(outbound(reach, report));
      CHECK(!outbound(reach, report, true));
    }
    CHECK(!outbound(Reach({destinationOf(packet, kProtocolTcp, 444, 444)}), report));
    CHECK(!outbound(Reach({}), report));
  }
}

TEST(aReachHoldsNoMadeUpReport) {
  const std::vector<uint8_t> packet = buildPacket({.payload = randomBytes(200)});
  const Reach reach({destinationOf(packet)});
  const auto changed = [&](size_t at, uint8_t value) {
    std::vector<uint8_t> report = reportOf(packet);
    report[at] = value;
    return report;
  };
  // A redirect, an echo, a first and a later fragment, another protocol; about a packet of somebody else's.
  CHECK(!outbound(reach, changed(20, 5)) && !outbound(reach, changed(20, 0)));
  CHECK(!outbound(reach, changed(6, 0x20)) && !outbound(reach, changed(7, 1)));
  CHECK(!outbound(reach, changed(9, kProtocolUdp)));
  CHECK(!outbound(reach, changed(28 + 15, 99)));
  // Cut before the end of what it is about.
  for (size_t length = kIpv4HeaderLength; length < kIpv4HeaderLength + 28; length++) {
    std::vector<uint8_t> report = reportOf(packet);
    report.resize(length);
    store16(report.data() + 2, static_cast<uint16_t>(length));
    CHECK(!outbound(reach, report));
  }
}

TEST(aReachLetsNoSourceRouteIn) {
  const std::vector<uint8_t> packet = buildPacket({});
  const Reach four({everything(4)}), six({everything(6)});
  CHECK(inbound(four, withOptions(packet, {148, 4, 0, 0})));
  CHECK(inbound(four, withOptions(packet, {1, 1, 0, 131})));
  for (const uint8_t kind : {131, 137}) {
    CHECK(!inbound(four, withOptions(packet, {kind, 7, 4, 10, 0, 0, 1, 0})));
    CHECK(!inbound(four, withOptions(packet, {1, 148, 4, 0, 0, kind, 3, 4})));
    CHECK(outbound(four, withOptions(packet, {kind, 7, 4, 10, 0, 0, 1, 0})));
  }
  // Options that cannot be read.
  CHECK(!inbound(four, withOptions(packet, {148, 1, 0, 0})));
  CHECK(!inbound(four, withOptions(packet, {1, 1, 1, 148})));
  CHECK(inbound(six, withExtensions(43, {17, 0, 4, 0, 0, 0, 0, 0})));
  CHECK(!inbound(six, withExtensions(43, {17, 0, 4, 1, 0, 0, 0, 0})));
  CHECK(!inbound(
      six, withExtensions(0, {43, 0, 0, 0, 0, 0, 0, 0, 44, 0, 0, 1, 0, 0, 0, 0, 17, 0, 0, 8, 0, 0, 0, 0})));
}

TEST(aReachReadsWithinThePacket) {
  const Reach ports(
      {{4, kProtocolTcp, 443, 443, 0, 0xffffffff}, {6, kProtocolUdp, 1, 2, 0, ~AddressValue{0}}});
  for (size_t round = 0; round < 20000; round++) {
    std::vector<uint8_t> packet = buildPacket({.version = below(2) == 0 ? 4 : 6,
                                               .tcp = below(2) == 0,
                                               .options = randomBytes(4 * below(8)),
                                               .payload = randomBytes(below(120))});
    if (below(2) == 0) packet = reportOf(packet);
    for (uint64_t changes = below(6); changes > 0; changes--)
      packet[below(packet.size())] = static_cast<uint8_t>(generator()());
    packet.resize(below(4) == 0 ? below(packet.size() + 1) : packet.size());
    IpPacket header;
    if (!parseIpPacket(packet, header)) continue;
    // Memory that ends where the packet does.
    const std::vector<uint8_t> exact(packet.begin(), packet.begin() + header.totalLength);
    CHECK(parseIpPacket(exact, header));
    ports.holdInbound(exact, header);
    ports.holdOutbound(exact, header, false);
  }
}
