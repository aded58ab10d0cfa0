#include "../sstp-format.h"

#include "../coalesce.h"
#include "../stream-framer.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

using Packet = std::vector<uint8_t>;

/** A packet with reserved bits as they may come. */
Packet sstpPacket(size_t length, uint8_t flags, uint8_t reserved) {
  Packet packet = randomBytes(length);
  packet[0] = kSstpVersion;
  packet[1] = flags;
  store16(packet.data() + 2, static_cast<uint16_t>(length | reserved << 12));
  return packet;
}

PppFrame readFrame(Packet& bytes) { return readPppFrame(bytes); }

}  // namespace

TEST(sstpPacketsComeOutTheSameHoweverCut) {
  for (int round = 0; round < 200; round++) {
    std::vector<Packet> sent, taken;
    Packet stream;
    for (uint64_t i = 0; i < 1 + below(30); i++) {
      const size_t length = kSstpHeaderLength + below(below(5) == 0 ? 4092 : 200);
      sent.push_back(
          sstpPacket(length, static_cast<uint8_t>(generator()()), static_cast<uint8_t>(below(16))));
      stream.insert(stream.end(), sent.back().begin(), sent.back().end());
    }
    StreamFramer framer(Framing::kSstp);
    for (size_t at = 0; at < stream.size();) {
      const size_t length = std::min(stream.size() - at, below(3) ? 1 + below(5000) : 1 + below(5));
      // A chunk of its own, so that the sanitizer sees a packet that outlives it.
      const Packet chunk(stream.begin() + static_cast<ptrdiff_t>(at),
                         stream.begin() + static_cast<ptrdiff_t>(at + length));
      CHECK(framer.feed(chunk, [&](Bytes packet) { taken.emplace_back(packet.begin(), packet.end()); }));
      at += length;
    }
    CHECK(taken == sent);
  }
}

TEST(anSstpHeadThatNobodySendsKillsTheStream) {
  const Packet good = sstpPacket(9, 1, 0);
  const std::pair<Packet, const char*> heads[] = {
      {{0x11, 0, 0, 8}, "an SSTP packet of version 17, not 16"},
      {{0x16, 3, 3, 0}, "an SSTP packet of version 22, not 16"},
      {{0x10, 0, 0, 3}, "an SSTP packet of 3 bytes, less than its header"},
      {{0x10, 1, 0xf0, 0}, "an SSTP packet of 0 bytes, less than its header"},
  };
  for (const auto& [head, reason] : heads) {
    for (size_t cut = 0; cut <= head.size(); cut++) {
      StreamFramer framer(Framing::kSstp);
      int taken = 0;
      const auto count = [&](Bytes) { taken++; };
      CHECK(framer.feed(good, count));
      framer.feed(Bytes(head).first(cut), count);
      CHECK(!framer.feed(Bytes(head).subspan(cut), count) || cut == head.size());
      CHECK(!framer.alive() && framer.fault() == reason);
      CHECK(!framer.feed(good, count) && taken == 1);
    }
  }
}

TEST(pppHeadersAreReadCompressedOrNot) {
  struct Case {
    Packet bytes;
    uint16_t protocol;
    size_t left;
  };
  const Case cases[] = {
      {{0xff, 0x03, 0x00, 0x21, 7, 8}, kPppIpv4, 2},
      {{0x00, 0x21, 7}, kPppIpv4, 1},
      {{0xff, 0x03, 0x21, 7}, kPppIpv4, 1},
      {{0x21}, kPppIpv4, 0},
      {{0xff, 0x03, 0x00, 0x57, 7}, kPppIpv6, 1},
      {{0x57, 7, 8}, kPppIpv6, 2},
      {{0xc0, 0x21, 1}, 0xc021, 1},
      {{0xff, 0x03, 0xc2, 0x27}, 0xc227, 0},
      {{0xff, 0x04}, 0xff, 1},
      {{}, 0, 0},
      {{0xff, 0x03}, 0, 0},
      {{0x00}, 0, 1},
      {{0x00, 0x20, 1}, 0, 3},
      {{0xff, 0x03, 0xc0}, 0, 1},
  };
  for (Case c : cases) {
    const PppFrame frame = readFrame(c.bytes);
    CHECK(frame.protocol == c.protocol && frame.information.size() == c.left);
    CHECK(frame.isIp() == (c.protocol == kPppIpv4 || c.protocol == kPppIpv6));
  }
}

TEST(everyFrameIsReadWithinItsBytes) {
  for (int round = 0; round < 20000; round++) {
    Packet bytes = randomBytes(below(8));
    if (bytes.size() > 1 && below(2)) bytes[0] = 0xff, bytes[1] = 0x03;
    const PppFrame frame = readFrame(bytes);
    CHECK(frame.information.size() <= bytes.size());
    CHECK(frame.information.data() + frame.information.size() == bytes.data() + bytes.size());
    CHECK(frame.protocol == 0 || frame.protocol % 2 == 1);
  }
}

TEST(whatIsWrittenBeforeAPacketIsReadAgain) {
  for (const bool addressControl : {false, true}) {
    for (const bool protocol : {false, true}) {
      for (const uint8_t version : {4, 6}) {
        const SstpDataHeader header(addressControl, protocol);
        CHECK(header.length() == 4u + (addressControl ? 0 : 2) + (protocol ? 1 : 2));
        Packet packet(header.length() + 4087, version);
        header.write(version, 1300, packet.data());
        CHECK(sstpLength(packet.data()) == header.length() + 1300 && !isSstpControl(packet));
        const PppFrame frame = readPppFrame(MutableBytes(packet).subspan(kSstpHeaderLength));
        CHECK(frame.protocol == (version == 4 ? kPppIpv4 : kPppIpv6));
        CHECK(frame.information.size() == 4087 && frame.information[0] == version);
      }
    }
  }
}

namespace {

/** Reads all that it is given, so that a sanitizer sees what is not there. */
struct Reading final : PacketSink {
  size_t bytes = 0;

  void write(const iovec* parts, int count) override {
    for (int i = 0; i < count; i++) {
      const uint8_t* base = static_cast<const uint8_t*>(parts[i].iov_base);
      bytes += Packet(base, base + parts[i].iov_len).size();
    }
  }
};

/** A packet as it may come, with some of its bytes changed and its IP cut or drawn out. */
Packet twisted() {
  const bool v4 = below(2) == 0;
  Packet ip = buildPacket({.version = v4 ? 4 : 6,
                           .tcp = below(2) == 0,
                           .flags = static_cast<uint8_t>(generator()()),
                           .options = randomBytes(4 * below(8)),
                           .payload = randomBytes(below(120))});
  ip.resize(below(4) == 0 ? below(ip.size() + 40) : ip.size());
  const SstpDataHeader header(below(2), below(2));
  Packet packet(header.length() + ip.size());
  header.write(v4 ? 4 : 6, ip.size(), packet.data());
  std::copy(ip.begin(), ip.end(), packet.begin() + static_cast<ptrdiff_t>(header.length()));
  for (uint64_t i = below(4); i > 0; i--)
    packet[4 + below(packet.size() - 4)] = static_cast<uint8_t>(generator()());
  if (below(40) == 0) packet[below(4)] = static_cast<uint8_t>(generator()());
  return packet;
}

}  // namespace

TEST(whateverAPeerSendsInPacketsHarmsNothing) {
  for (int round = 0; round < 3000; round++) {
    Reading sink;
    Coalescer coalescer(sink);
    StreamFramer framer(Framing::kSstp);
    Packet stream;
    for (uint64_t i = below(20); i > 0; i--) {
      const Packet packet = twisted();
      stream.insert(stream.end(), packet.begin(), packet.end());
    }
    std::vector<Packet> kept;
    kept.reserve(64);
    const auto take = [&](Bytes bytes) {
      // A memory of its own, as the datapath has it until the flush.
      Packet& packet = kept.emplace_back(bytes.begin(), bytes.end());
      const PppFrame frame = readPppFrame(MutableBytes(packet).subspan(kSstpHeaderLength));
      IpPacket inner;
      if (isSstpControl(packet) || !frame.isIp() || !parseIpPacket(frame.information, inner)) return;
      const MutableBytes whole = frame.information.first(inner.totalLength);
      clampMss(whole, inner, 1300);
      coalescer.add(whole, inner);
    };
    const size_t cut = stream.empty() ? 0 : below(stream.size());
    framer.feed(Bytes(stream).first(cut), take);
    framer.feed(Bytes(stream).subspan(cut), take);
    coalescer.flush();
  }
}
