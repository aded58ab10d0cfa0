#include "../coalesce.h"
#include "../segment.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

using Packet = std::vector<uint8_t>;

/** Gathers what is written and cuts it up again as the kernel would. */
class SegmentingSink : public PacketSink {
 public:
  void write(const iovec* parts, int count) override {
    writes++;
    VirtioHeader header;
    CHECK(parts[0].iov_len == sizeof header);
    memcpy(&header, parts[0].iov_base, sizeof header);
    Packet whole;
    for (int i = 1; i < count; i++) {
      const uint8_t* p = static_cast<const uint8_t*>(parts[i].iov_base);
      whole.insert(whole.end(), p, p + parts[i].iov_len);
    }
    CHECK(whole.size() <= 65535 + 40);
    Segmenter segmenter;
    CHECK(segmenter.start(whole, header));
    MutableBytes packet;
    while (segmenter.next(packet)) packets.emplace_back(packet.begin(), packet.end());
  }

  std::vector<Packet> packets;
  int writes = 0;
};

void addAll(Coalescer& coalescer, std::vector<Packet>& packets) {
  for (Packet& bytes : packets) {
    IpPacket packet;
    if (parseIpPacket(bytes, packet) && packet.totalLength == bytes.size()) coalescer.add(bytes, packet);
  }
  coalescer.flush();
}

std::vector<Packet> tcpTrain(int version, int count, size_t size, size_t lastSize) {
  std::vector<Packet> packets;
  uint32_t sequence = 0xfffff000;
  for (int i = 0; i < count; i++) {
    const bool last = i == count - 1;
    const size_t length = last ? lastSize : size;
    packets.push_back(buildPacket({.version = version,
                                   .sequence = sequence,
                                   .id = static_cast<uint16_t>(i + 9),
                                   .flags = static_cast<uint8_t>(last ? 0x18 : 0x10),
                                   .options = {1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8},
                                   .payload = randomBytes(length)}));
    sequence += static_cast<uint32_t>(length);
  }
  return packets;
}

struct Written {
  int writes;
  std::vector<Packet> packets;
};

Written roundTrip(std::vector<Packet> packets) {
  SegmentingSink sink;
  Coalescer coalescer(sink);
  addAll(coalescer, packets);
  return {sink.writes, sink.packets};
}

}  // namespace

TEST(aTcpTrainBecomesOneWriteAndComesBackTheSame) {
  for (const int version : {4, 6}) {
    const std::vector<Packet> packets = tcpTrain(version, 40, 1348, 700);
    const Written written = roundTrip(packets);
    CHECK(written.writes == 1);
    CHECK(written.packets == packets);
  }
}

TEST(udpDatagramsOfOneSizeBecomeOneWrite) {
  std::vector<Packet> packets;
  for (uint16_t i = 0; i < 30; i++) {
    packets.push_back(buildPacket({.tcp = false, .id = i, .payload = randomBytes(i == 29 ? 100 : 1200)}));
  }
  const Written written = roundTrip(packets);
  CHECK(written.writes == 1);
  CHECK(written.packets == packets);
}

TEST(whatDiffersIsNotMerged) {
  const std::vector<Packet> train = tcpTrain(4, 2, 500, 500);
  // Type of service, TTL, acknowledgement, window, urgent pointer, timestamp option, flags, DF.
  for (const size_t at : {1u, 8u, 30u, 35u, 39u, 47u, 33u, 6u}) {
    std::vector<Packet> packets = train;
    Packet& second = packets[1];
    second[at] ^= at == 33 ? kTcpUrg : at == 6 ? 0x40 : 1;
    fixChecksums(second);
    const Packet changed = second;
    const Written written = roundTrip(packets);
    CHECK(written.writes == 2);
    CHECK(written.packets[1] == changed);
  }
}

TEST(aWrongChecksumIsPassedOnAsItIs) {
  std::vector<Packet> packets = tcpTrain(4, 3, 500, 500);
  for (const size_t at : {200u, 10u}) {
    packets[1][at] ^= 0x10;
    const Written written = roundTrip(packets);
    CHECK(written.writes == 3);
    CHECK(written.packets == packets);
    packets[1][at] ^= 0x10;
  }
}

TEST(pushEndsAMerge) {
  std::vector<Packet> packets = tcpTrain(4, 3, 500, 500);
  std::vector<Packet> again = packets;
  packets.insert(packets.end(), again.begin(), again.end());
  CHECK(roundTrip(packets).writes == 2);
}

TEST(anyMixComesBackInOrderWithinItsFlow) {
  for (int round = 0; round < 300; round++) {
    std::vector<Packet> packets;
    uint32_t sequence[4] = {1, 1, 1, 1};
    uint16_t id[4] = {1, 1, 1, 1};
    const size_t size = 1 + below(1400);
    for (int i = 0; i < 120; i++) {
      const size_t flow = below(4);
      const size_t length = below(10) == 0 ? below(1400) : size;
      const bool tcp = flow < 3;
      packets.push_back(buildPacket({.version = flow == 1 ? 6 : 4,
                                     .tcp = tcp,
                                     .sequence = sequence[flow] + static_cast<uint32_t>(below(20) == 0),
                                     .id = id[flow]++,
                                     .flags = static_cast<uint8_t>(below(15) == 0 ? generator()() : 0x10),
                                     .sourcePort = static_cast<uint16_t>(1000 + flow),
                                     .payload = randomBytes(length)}));
      sequence[flow] += static_cast<uint32_t>(length);
    }
    const Written written = roundTrip(packets);
    CHECK(written.packets.size() == packets.size());
    CHECK(written.writes < 120);
    for (uint16_t port = 1000; port < 1004; port++) {
      const auto ofFlow = [port](const std::vector<Packet>& all) {
        std::vector<Packet> own;
        for (const Packet& p : all) {
          if (load16(p.data() + (p[0] >> 4 == 4 ? 20 : 40)) == port) own.push_back(p);
        }
        return own;
      };
      CHECK(ofFlow(written.packets) == ofFlow(packets));
    }
  }
}

TEST(coalescingSurvivesEveryLengthAndBitFlips) {
  const std::vector<Packet> train = tcpTrain(4, 3, 60, 60);
  const std::vector<Packet> train6 = tcpTrain(6, 3, 60, 60);
  for (const auto* source : {&train, &train6}) {
    for (size_t length = 0; length <= source->front().size(); length++) {
      for (int round = 0; round < 60; round++) {
        std::vector<Packet> packets = *source;
        for (Packet& packet : packets) {
          packet.resize(length);
          if (round > 0 && length > 0) packet[below(length)] ^= static_cast<uint8_t>(1u << below(8));
          if (length >= 20 && packet[0] >> 4 == 4) store16(packet.data() + 2, static_cast<uint16_t>(length));
          if (length >= 40 && packet[0] >> 4 == 6)
            store16(packet.data() + 4, static_cast<uint16_t>(length - 40));
        }
        roundTrip(packets);
      }
    }
  }
}

TEST(segmentingSurvivesAnyHeaderAtEveryLength) {
  const Packet whole = tcpTrain(4, 1, 200, 200)[0];
  for (size_t length = 0; length <= whole.size(); length++) {
    for (int round = 0; round < 400; round++) {
      Packet bytes(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(length));
      VirtioHeader header{static_cast<uint8_t>(below(4)),
                          static_cast<uint8_t>(below(7)),
                          static_cast<uint16_t>(below(100)),
                          static_cast<uint16_t>(below(70)),
                          static_cast<uint16_t>(below(2) ? 20 : below(300)),
                          static_cast<uint16_t>(below(2) ? 16 : below(300))};
      if (length > 0 && round % 2) bytes[below(length)] = static_cast<uint8_t>(generator()());
      Segmenter segmenter;
      if (!segmenter.start(bytes, header)) continue;
      MutableBytes packet;
      size_t count = 0;
      while (segmenter.next(packet)) {
        count++;
        CHECK(packet.data() >= bytes.data() && packet.data() + packet.size() <= bytes.data() + bytes.size());
      }
      CHECK(count >= 1);
    }
  }
}

TEST(anOpenChecksumIsCompleted) {
  for (const bool tcp : {true, false}) {
    Packet bytes = buildPacket({.tcp = tcp, .payload = randomBytes(333)});
    const Packet expected = bytes;
    const uint16_t at = tcp ? 16 : 6;
    // The kernel leaves the pseudo-header's sum in the field: the checksum less what the segment adds.
    uint64_t sum = 0;
    for (const size_t word : {12u, 14u, 16u, 18u}) sum += load16(bytes.data() + word);
    sum += bytes[9] + (bytes.size() - 20);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    store16(bytes.data() + 20 + at, static_cast<uint16_t>(sum));
    Segmenter segmenter;
    CHECK(segmenter.start(bytes, {kVirtioNeedsChecksum, 0, 0, 0, 20, at}));
    MutableBytes packet;
    CHECK(segmenter.next(packet));
    CHECK(bytes == expected);
  }
}
