#include "../nat.h"

#include "../too-big.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

AddressValue v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return AddressValue{static_cast<uint32_t>(a << 24 | b << 16 | c << 8 | d)};
}

NatAddresses range(AddressValue first, unsigned hostBits) {
  return {first, first + ((AddressValue{1} << hostBits) - 1), false, 0, UINT16_MAX};
}

NatAddresses ported(NatAddresses addresses, uint16_t first, uint16_t last) {
  return {addresses.first, addresses.last, true, first, last};
}

/** 10.0.0.0/16 behind 100.0.1.1. */
NatRule manyBehindOne() { return {true, 4, range(v4(10, 0, 0, 0), 16), range(v4(100, 0, 1, 1), 0)}; }
const AddressValue kServer = v4(10, 9, 0, 7);

NatKey keyOf(AddressValue address, uint16_t port, uint8_t protocol = kProtocolUdp, uint16_t farPort = 443) {
  return {address, kServer, port, farPort, 4, protocol, NatSide::kEgress};
}

NatKey answering(const NatKey& internal, const NatEnd& external) {
  NatKey key = internal;
  key.address = external.address;
  key.port = external.port;
  return key;
}

struct Table {
  explicit Table(size_t most, NatRule rule = manyBehindOne()) : rules{rule}, sessions(most) { rules[0].id = 1; }

  std::optional<NatEnd> begin(const NatKey& key, int64_t now, uint8_t flags = 0) {
    const NatBeginning beginning{rules[0], rules};
    return sessions.toExternal(key, {now, flags, true}, &beginning);
  }
  bool answered(const NatKey& key, const NatEnd& external, int64_t now, uint8_t flags = 0) {
    return sessions.toInternal(answering(key, external), {now, flags, true}).has_value();
  }

  NatRuleList rules;
  NatSessions sessions;
};

IpPacket headerOf(Bytes packet) {
  IpPacket header;
  CHECK(parseIpPacket(packet, header));
  return header;
}

/** Static rules that hold every packet of `buildPacket`, both ends. */
NatRules everythingMoved() {
  const AddressValue wide = AddressValue{0xfd} << 120;
  const NatRule four{false, 4, {0, 0x7fffffff, false, 0, UINT16_MAX}, {0x80000000, 0xffffffff, false, 0, UINT16_MAX}};
  const NatRule six{false, 6, range(0, 120), range(wide, 120)};
  return {{four, six}, {}};
}

}  // namespace

TEST(aNatSessionIsFoundFromBothSides) {
  Table table(100);
  const NatKey key = keyOf(v4(10, 0, 0, 5), 1000);
  const std::optional<NatEnd> external = table.begin(key, 0);
  CHECK(external && external->address == v4(100, 0, 1, 1) && external->port >= 1024);
  CHECK(table.begin(key, 1) == external);
  const auto internal = table.sessions.toInternal(answering(key, *external), {1, 0, true});
  CHECK(internal && internal->address == key.address && internal->port == key.port);
  NatKey other = answering(key, *external);
  other.farPort++;
  CHECK(!table.sessions.toInternal(other, {1, 0, true}));
  CHECK(table.sessions.size() == 1);
}

TEST(aNatSessionEndsByItsKind) {
  Table table(100);
  const auto lives = [&](const NatKey& key, int64_t milliseconds) {
    const std::optional<NatEnd> external = table.begin(key, 0);
    CHECK(external);
    const bool still = table.answered(key, *external, milliseconds);
    CHECK(!still || !table.answered(key, *external, 2 * milliseconds + 1));
    return still;
  };
  CHECK(lives(keyOf(v4(10, 0, 0, 1), 1), NatSessions::kUdpMilliseconds));
  CHECK(!lives(keyOf(v4(10, 0, 0, 1), 2), NatSessions::kUdpMilliseconds + 1));
  CHECK(lives(keyOf(v4(10, 0, 0, 1), 3, kProtocolIcmp, 0), NatSessions::kIcmpMilliseconds));
  CHECK(!lives(keyOf(v4(10, 0, 0, 1), 4, kProtocolIcmp, 0), NatSessions::kIcmpMilliseconds + 1));
  CHECK(!lives(keyOf(v4(10, 0, 0, 1), 5, kProtocolTcp), NatSessions::kTcpTransitoryMilliseconds + 1));

  const auto open = [&](uint16_t port) {
    const NatKey key = keyOf(v4(10, 0, 0, 2), port, kProtocolTcp);
    const std::optional<NatEnd> external = table.begin(key, 0, kTcpSyn);
    CHECK(external && table.answered(key, *external, 0, kTcpSyn | kTcpAck));
    CHECK(table.begin(key, 0, kTcpAck) == external);
    return std::pair{key, *external};
  };
  const auto [idle, idleEnd] = open(1);
  CHECK(table.answered(idle, idleEnd, NatSessions::kTcpMilliseconds));
  const auto [reset, resetEnd] = open(2);
  CHECK(table.answered(reset, resetEnd, 0, kTcpRst));
  CHECK(!table.answered(reset, resetEnd, NatSessions::kTcpTransitoryMilliseconds + 1));
  const auto [closed, closedEnd] = open(3);
  CHECK(table.answered(closed, closedEnd, 0, kTcpFin | kTcpAck));
  CHECK(table.answered(closed, closedEnd, NatSessions::kTcpTransitoryMilliseconds + 1));
  table.begin(closed, 300'000, kTcpFin | kTcpAck);
  CHECK(!table.answered(closed, closedEnd, 540'001));
}

TEST(natSessionsAreBoundedAndGiveWayFairly) {
  constexpr size_t kMost = 1000;
  Table table(kMost);
  std::vector<std::pair<NatKey, NatEnd>> quiet;
  for (uint8_t host = 1; host <= 20; host++) {
    const NatKey key = keyOf(v4(10, 0, 0, host), 1);
    quiet.emplace_back(key, *table.begin(key, 0));
  }
  for (size_t n = 0; n < 50 * kMost; n++) {
    table.begin(keyOf(v4(10, 0, 9, 9), static_cast<uint16_t>(n)), static_cast<int64_t>(n / 1000));
    CHECK(table.sessions.size() <= kMost);
  }
  CHECK(table.sessions.size() == kMost);
  for (const auto& [key, external] : quiet) CHECK(table.answered(key, external, 100));
}

TEST(natSessionsShareFewPortsFairly) {
  NatRule rule = manyBehindOne();
  rule.external = ported(rule.external, 5000, 5003);
  Table table(1000, rule);
  for (uint16_t port = 1; port <= 4; port++) CHECK(table.begin(keyOf(v4(10, 0, 0, 1), port), port));
  // One has all: each newcomer gets one of its ports, until they have as many.
  const NatKey newcomer = keyOf(v4(10, 0, 0, 2), 1);
  const std::optional<NatEnd> external = table.begin(newcomer, 10);
  CHECK(external && external->port >= 5000 && external->port <= 5003);
  for (uint16_t port = 5; port <= 9; port++) table.begin(keyOf(v4(10, 0, 0, 1), port), 20);
  CHECK(table.answered(newcomer, *external, 30));
  CHECK(table.sessions.size() == 4);
}

TEST(aNatTakesNoPortThatAStaticRuleHas) {
  const NatAddresses outside = range(v4(100, 0, 1, 1), 0);
  const NatRule fixed{false, 4, ported(range(v4(10, 0, 0, 1), 0), 1, 9), ported(outside, 5001, 5009)};
  const NatRule rule{true, 4, range(v4(10, 0, 0, 0), 16), ported(outside, 5000, 5010)};
  NatSessions sessions(100);
  const NatRuleList rules{fixed, rule};
  for (uint16_t port = 1; port <= 2; port++) {
    const NatBeginning beginning{rules[1], rules};
    const auto end = sessions.toExternal(keyOf(v4(10, 0, 0, 2), port), {0, 0, true}, &beginning);
    CHECK(end && (end->port == 5000 || end->port == 5010));
  }
}

TEST(natMovesPacketsWithTheirChecksums) {
  Nat nat(everythingMoved());
  for (int round = 0; round < 3000; round++) {
    const bool v6 = below(2) == 0;
    std::vector<uint8_t> packet = buildPacket({.version = v6 ? 6 : 4,
                                               .tcp = below(2) == 0,
                                               .sourcePort = static_cast<uint16_t>(below(65536)),
                                               .payload = randomBytes(below(60))});
    // Inside of what the rules hold.
    packet[v6 ? 8 : 12] = v6 ? 0 : static_cast<uint8_t>(below(128));
    fixChecksums(packet);
    const std::vector<uint8_t> before = packet;
    CHECK(nat.translate(packet, headerOf(packet), NatDirection::kOut, 0));
    CHECK(packet != before && packetHolds(packet));
    // And back, as the peer's answer.
    const size_t length = v6 ? 16 : 4, at = v6 ? 8 : 12;
    std::swap_ranges(packet.begin() + at, packet.begin() + at + length, packet.begin() + at + length);
    CHECK(nat.translate(packet, headerOf(packet), NatDirection::kIn, 0));
    std::swap_ranges(packet.begin() + at, packet.begin() + at + length, packet.begin() + at + length);
    CHECK(packetHolds(packet) && packet == before);
  }
}

TEST(natReadsAndWritesWithinThePacket) {
  NatRules rules = everythingMoved();
  rules.ingress = {manyBehindOne()};
  rules.ingress[0].internal = {0, 0xffffffff, true, 1, 40000};
  rules.egress.insert(rules.egress.begin(), {true, 4, range(v4(10, 0, 0, 0), 24), range(v4(100, 0, 1, 1), 0)});
  Nat nat(rules, 64);
  for (int round = 0; round < 60000; round++) {
    std::vector<uint8_t> packet = buildPacket({.version = below(2) == 0 ? 4 : 6,
                                               .tcp = below(2) == 0,
                                               .flags = static_cast<uint8_t>(below(256)),
                                               .options = randomBytes(4 * below(8)),
                                               .payload = randomBytes(below(120))});
    if (below(3) == 0) {
      uint8_t message[kLongestTooBig];
      const size_t length = writeTooBig(packet, headerOf(packet), 1280, message);
      packet.assign(message, message + length);
    }
    for (uint64_t changes = below(6); changes > 0; changes--)
      packet[below(packet.size())] = static_cast<uint8_t>(generator()());
    packet.resize(below(4) == 0 ? below(packet.size() + 1) : packet.size());
    IpPacket header;
    if (!parseIpPacket(packet, header)) continue;
    // Memory that ends where the packet does.
    std::vector<uint8_t> exact(packet.begin(), packet.begin() + header.totalLength);
    const NatDirection direction = below(2) == 0 ? NatDirection::kOut : NatDirection::kIn;
    nat.translate(exact, headerOf(exact), direction, round);
    CHECK(exact.size() == header.totalLength && nat.sessions() <= 64);
    if (below(1000) == 0) nat.change(rules);
  }
}
