#include "../acknowledgement.h"

#include "../coalesce.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

using Packet = std::vector<uint8_t>;
using Blocks = std::vector<Acknowledgement::Block>;

/** One as Linux writes it: timestamps, then SACK. */
Packet acknowledge(uint32_t number, const Blocks& blocks = {}, int version = 4) {
  Packet options = {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2};
  if (!blocks.empty()) {
    options.insert(options.end(), {1, 1, 5, static_cast<uint8_t>(2 + 8 * blocks.size())});
    for (const auto& [start, end] : blocks) {
      options.resize(options.size() + 8);
      store32(options.data() + options.size() - 8, start);
      store32(options.data() + options.size() - 4, end);
    }
  }
  Packet packet = buildPacket({.version = version, .options = options});
  store32(packet.data() + (version == 4 ? 20 : 40) + 8, number);
  fixChecksums(packet);
  return packet;
}

struct Written final : PacketSink {
  std::vector<Packet> packets;

  void write(const iovec* parts, int count) override {
    CHECK(count == 2);
    const uint8_t* bytes = static_cast<const uint8_t*>(parts[1].iov_base);
    packets.emplace_back(bytes, bytes + parts[1].iov_len);
  }
};

std::vector<Packet> deliver(std::vector<Packet> packets) {
  Written written;
  Coalescer coalescer(written);
  for (Packet& packet : packets) {
    IpPacket parsed;
    CHECK(parseIpPacket(packet, parsed));
    coalescer.add(packet, parsed);
  }
  coalescer.flush();
  return written.packets;
}

/** Which of two remain. */
size_t remaining(const Packet& first, const Packet& second) {
  const std::vector<Packet> left = deliver({first, second});
  CHECK(left.back() == second);
  return left.size();
}

}  // namespace

TEST(theLastOfARunOfAcknowledgementsIsDelivered) {
  for (const int version : {4, 6}) {
    const Packet last = acknowledge(3000, {}, version);
    const auto left = deliver({acknowledge(1000, {}, version), acknowledge(2000, {}, version), last});
    CHECK(left == std::vector<Packet>{last});
  }
  CHECK(remaining(acknowledge(UINT32_MAX - 5), acknowledge(5)) == 1);
}

TEST(whatCountsAsASignOfLossIsAllDelivered) {
  CHECK(remaining(acknowledge(1000), acknowledge(1000)) == 2);
  CHECK(remaining(acknowledge(2000), acknowledge(1000)) == 2);
  CHECK(remaining(acknowledge(1000, {{2000, 3000}}), acknowledge(1000, {{2000, 3000}})) == 2);
  // A report of duplicate data (RFC 2883): its first block is of what was acknowledged before.
  CHECK(remaining(acknowledge(1000, {{500, 700}}), acknowledge(2000)) == 2);
}

TEST(selectiveAcknowledgementsGiveWayToWhatCoversThem) {
  const Packet held = acknowledge(1000, {{2000, 3000}});
  CHECK(remaining(held, acknowledge(1000, {{2000, 4000}})) == 1);
  CHECK(remaining(held, acknowledge(1000, {{5000, 6000}, {2000, 3000}})) == 1);
  CHECK(remaining(held, acknowledge(3000)) == 1);
  CHECK(remaining(acknowledge(1000), held) == 1);
  CHECK(remaining(held, acknowledge(1500)) == 2);
  CHECK(remaining(held, acknowledge(1000, {{5000, 9000}})) == 2);
  CHECK(remaining(held, acknowledge(1000, {{2500, 9000}})) == 2);
}

TEST(oneAcknowledgementStandsForALargePacketAtMost) {
  CHECK(deliver({acknowledge(0), acknowledge(40'000), acknowledge(65'535)}).size() == 1);
  CHECK(deliver({acknowledge(0), acknowledge(40'000), acknowledge(80'000)}).size() == 2);
}

TEST(otherSegmentsAreNoPlainAcknowledgements) {
  const Packet next = acknowledge(2000);
  for (const size_t at : {33u, 1u, 8u, 27u}) {
    // A flag, the type of service, the TTL, the sequence number.
    Packet changed = acknowledge(1000);
    changed[at] ^= at == 33 ? 0x40 : 4;
    fixChecksums(changed);
    CHECK(remaining(changed, next) == 2);
  }
  Packet broken = acknowledge(3000);
  broken[broken.size() - 1] ^= 1;
  CHECK(remaining(next, broken) == 2);
  Packet brokenHeader = acknowledge(3000);
  brokenHeader[10] ^= 1;
  CHECK(remaining(next, brokenHeader) == 2);
}

TEST(dataAndAcknowledgementsKeepTheirOrder) {
  const Packet data = buildPacket({.payload = randomBytes(500)});
  const std::vector<Packet> packets = {acknowledge(1000), data, acknowledge(2000)};
  CHECK(deliver(packets) == packets);
}

TEST(acknowledgementsSurviveEveryLengthAndOption) {
  const Packet whole = acknowledge(1000, {{2000, 3000}, {4000, 5000}, {6000, 7000}});
  const Bytes segment = Bytes(whole).subspan(kIpv4HeaderLength);
  for (size_t length = 0; length <= segment.size(); length++) {
    for (int round = 0; round < 300; round++) {
      Packet bytes(segment.begin(), segment.begin() + static_cast<ptrdiff_t>(length));
      if (length > 12 && round % 2) bytes[12] = static_cast<uint8_t>(length / 4 << 4);
      if (length > kTcpHeaderLength && round > 0) {
        bytes[kTcpHeaderLength + below(length - kTcpHeaderLength)] = static_cast<uint8_t>(below(12));
      }
      Acknowledgement parsed;
      if (!parseAcknowledgement(bytes, parsed)) continue;
      CHECK(parsed.blockCount <= Acknowledgement::kMostBlocks);
      CHECK(!supersedes(parsed, parsed));
    }
  }
}
