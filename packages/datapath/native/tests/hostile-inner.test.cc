#include "../coalesce.h"
#include "../ecn.h"
#include "../ipv4-fragment.h"
#include "../too-big.h"
#include "../traffic-selector.h"
#include "esp-fixture.h"

using namespace causeway;
using namespace causeway::test;

namespace {

/** Reads all that it is given, so that a sanitizer sees what is not there. */
struct Reading final : PacketSink {
  size_t bytes = 0;

  void write(const iovec* parts, int count) override {
    for (int i = 0; i < count; i++) {
      const std::vector<uint8_t> copy(static_cast<const uint8_t*>(parts[i].iov_base),
                                      static_cast<const uint8_t*>(parts[i].iov_base) + parts[i].iov_len);
      bytes += copy.size();
    }
  }
};

/** ESP around any bytes at all, by a peer that has the keys. */
std::vector<uint8_t> authentic(const EspSaOptions& options, uint32_t sequence, Bytes plaintext) {
  AeadContext context(options.cipher, options.send.cipherKey, Direction::kSeal);
  const size_t before = kEspHeaderLength + kEspGcmIvLength;
  std::vector<uint8_t> out(before + plaintext.size() + kTagLength);
  store32(out.data(), options.sendSpi);
  store32(out.data() + 4, sequence);
  store64(out.data() + kEspHeaderLength, sequence);
  uint8_t nonce[kNonceLength];
  memcpy(nonce, options.send.authKey, kEspSaltLength);
  store64(nonce + kEspSaltLength, sequence);
  CHECK(context.seal(nonce, Bytes(out).first(kEspHeaderLength), plaintext, out.data() + before,
                     out.data() + before + plaintext.size()));
  return out;
}

/** A packet that was right before some of its bytes were changed, cut or drawn out; with padding and trailer.
 */
std::vector<uint8_t> twisted() {
  const bool v4 = below(2) == 0;
  std::vector<uint8_t> packet = buildPacket({.version = v4 ? 4 : 6,
                                             .tcp = below(2) == 0,
                                             .flags = static_cast<uint8_t>(generator()()),
                                             .options = randomBytes(4 * below(8)),
                                             .payload = randomBytes(below(120))});
  for (uint64_t changes = below(6); changes > 0; changes--)
    packet[below(std::min<size_t>(packet.size(), 64))] = static_cast<uint8_t>(generator()());
  if (below(4) == 0) packet.resize(below(packet.size() + 40));
  const size_t padding = below(8);
  packet.resize(packet.size() + padding);
  packet.push_back(static_cast<uint8_t>(below(8) == 0 ? generator()() : padding));
  packet.push_back(below(8) == 0 ? static_cast<uint8_t>(generator()())
                   : v4          ? kNextHeaderIpv4
                                 : kNextHeaderIpv6);
  return packet;
}

/** What the way in and the way on do with an inner packet, in memory that ends where it does. */
void carry(MutableBytes inner, const IpPacket& packet, const Selectors& selectors) {
  CHECK(inner.size() == packet.totalLength && packet.headerLength <= packet.totalLength);
  selectors.holdInbound(inner, packet);
  clampMss(inner, packet, static_cast<uint16_t>(below(1500)));
  uint8_t message[kLongestTooBig];
  CHECK(writeTooBig(inner, packet, 1280, message) <= sizeof message);
  if (!isFragmentable(inner)) return;
  Ipv4Fragmenter fragmenter(inner, 68);
  MutableBytes fragment;
  size_t payload = 0;
  while (fragmenter.next(fragment)) {
    CHECK(fragment.size() <= 68);
    payload += fragment.size() - packet.headerLength;
  }
  CHECK(payload == size_t{packet.totalLength} - packet.headerLength);
}

}  // namespace

TEST(innerPacketsOfAPeerWithKeysAreReadWithinTheirBytes) {
  const EspSaOptions options = optionsOf(CipherKind::kAes256Gcm);
  const AddressValue last = ~AddressValue{0};
  const Selectors selectors({{4, 17, 1000, 2000, 0, last}, {6, 58, 0, 0xffff, 0, last}},
                            {{4, 0, 0, 0xffff, 0, last}, {6, 0, 5, 9, 0, last}});
  EspSa sa(options, kLanes);
  Reading sink;
  size_t carried = 0;
  for (uint32_t sequence = 1; sequence <= 20000; sequence++) {
    std::vector<uint8_t> datagram = authentic(options, sequence, twisted());
    const Opened opened = sa.open(datagram);
    CHECK(opened.status == Opened::Status::kPayload || opened.status == Opened::Status::kRefused ||
          opened.status == Opened::Status::kDummy);
    IpPacket packet;
    if (opened.status != Opened::Status::kPayload || !parseIpPacket(opened.payload, packet)) continue;
    if (!takeEcn(opened.payload, packet, static_cast<uint8_t>(below(4)))) continue;
    // A copy of its own, which ends where the packet ends.
    std::vector<uint8_t> inner(opened.payload.begin(), opened.payload.begin() + packet.totalLength);
    CHECK(parseIpPacket(inner, packet));
    Coalescer coalescer(sink);
    coalescer.add(inner, packet);
    coalescer.flush();
    carry(inner, packet, selectors);
    carried++;
  }
  CHECK(carried > 1000 && sink.bytes > 0);
}
