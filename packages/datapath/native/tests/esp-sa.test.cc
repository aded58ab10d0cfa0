#include "esp-fixture.h"

using namespace causeway;
using namespace causeway::test;

namespace {

std::vector<EspSaOptions> everyTransform() {
  std::vector<EspSaOptions> all;
  for (const bool extended : {false, true}) {
    for (const auto gcm : {CipherKind::kAes128Gcm, CipherKind::kAes192Gcm, CipherKind::kAes256Gcm})
      all.push_back(optionsOf(gcm, DigestKind::kSha1, extended));
    for (const auto cbc : {CipherKind::kAes128Cbc, CipherKind::kAes192Cbc, CipherKind::kAes256Cbc}) {
      for (const auto digest :
           {DigestKind::kSha1, DigestKind::kSha256, DigestKind::kSha384, DigestKind::kSha512})
        all.push_back(optionsOf(cbc, digest, extended));
    }
  }
  return all;
}

/** Seals any plaintext, trailer included, as a peer without manners would. */
std::vector<uint8_t> sealedRaw(const EspSaOptions& options, uint64_t sequence,
                               std::vector<uint8_t> plaintext) {
  AeadContext context(options.cipher, options.send.cipherKey, Direction::kSeal);
  std::vector<uint8_t> out(16 + plaintext.size() + kTagLength);
  store32(out.data(), options.sendSpi);
  store32(out.data() + 4, static_cast<uint32_t>(sequence));
  store64(out.data() + 8, sequence);
  uint8_t nonce[kNonceLength];
  memcpy(nonce, options.send.authKey, 4);
  store64(nonce + 4, sequence);
  CHECK(context.seal(nonce, Bytes(out).first(8), plaintext, out.data() + 16,
                     out.data() + 16 + plaintext.size()));
  return out;
}

}  // namespace

TEST(espOpensWhatItSealedWithEveryTransform) {
  for (const EspSaOptions& options : everyTransform()) {
    EspSa a(options, kLanes), b(options, kLanes);
    for (size_t length = 20; length < 100; length++) {
      const std::vector<uint8_t> inner = innerOf(length, length % 2 ? 4 : 6);
      const std::vector<uint8_t> packet = sealed(a, inner, length % kLanes);
      // RFC 4303 §2.4: what is encrypted ends on a boundary of four bytes.
      CHECK(packet.size() % 4 == 0);
      CHECK(opensTo(b, packet, inner));
      CHECK(statusOf(b, packet) == Opened::Status::kReplay);
    }
  }
}

TEST(espOpensNoChangedOrCutPacket) {
  for (const EspSaOptions& options : everyTransform()) {
    EspSa a(options, kLanes), b(options, kLanes);
    const std::vector<uint8_t> packet = sealed(a, innerOf(70));
    for (size_t length = 0; length < packet.size(); length++) {
      const std::vector<uint8_t> cut(packet.begin(), packet.begin() + static_cast<ptrdiff_t>(length));
      const Opened::Status status = statusOf(b, cut);
      CHECK(status == Opened::Status::kMalformed || status == Opened::Status::kUnauthentic);
    }
    for (size_t bit = 0; bit < packet.size() * 8; bit++) {
      std::vector<uint8_t> flipped = packet;
      flipped[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      CHECK(statusOf(b, flipped) == Opened::Status::kUnauthentic);
    }
    CHECK(statusOf(b, packet) == Opened::Status::kPayload);
  }
}

TEST(espRefusesNoiseOfEveryLength) {
  for (const EspSaOptions& options : everyTransform()) {
    EspSa sa(options, kLanes);
    for (size_t length = 0; length < 200; length++) {
      const Opened::Status status = statusOf(sa, randomBytes(length));
      CHECK(status == Opened::Status::kMalformed || status == Opened::Status::kUnauthentic);
    }
  }
}

TEST(espTrailersOfPeersWithoutManners) {
  const EspSaOptions options = optionsOf(CipherKind::kAes256Gcm);
  EspSa sa(options, kLanes);
  uint64_t sequence = 0;
  const auto opened = [&](std::vector<uint8_t> plaintext) {
    return statusOf(sa, sealedRaw(options, ++sequence, std::move(plaintext)));
  };
  const std::vector<uint8_t> inner = innerOf(20);
  const auto with = [&](std::initializer_list<uint8_t> trailer) {
    std::vector<uint8_t> plaintext = inner;
    plaintext.insert(plaintext.end(), trailer);
    return plaintext;
  };
  CHECK(opened(with({0, 4})) == Opened::Status::kPayload);
  CHECK(opened(with({1, 2, 2, 4})) == Opened::Status::kPayload);
  // More padding than there are bytes.
  for (int padLength = 21; padLength < 256; padLength++)
    CHECK(opened(with({static_cast<uint8_t>(padLength), 4})) == Opened::Status::kRefused);
  // All of it padding, and nothing inside.
  CHECK(opened(with({20, 4})) == Opened::Status::kRefused);
  CHECK(opened({0, 4}) == Opened::Status::kRefused);
  // A dummy may have anything inside, or nothing.
  CHECK(opened(with({0, 59})) == Opened::Status::kDummy);
  CHECK(opened({0, 59}) == Opened::Status::kDummy);
  // The next header must be what the packet is.
  CHECK(opened(with({0, 41})) == Opened::Status::kRefused);
  for (int next = 0; next < 256; next++) {
    const Opened::Status status = opened(with({0, static_cast<uint8_t>(next)}));
    const Opened::Status expected = next == 4    ? Opened::Status::kPayload
                                    : next == 59 ? Opened::Status::kDummy
                                                 : Opened::Status::kRefused;
    CHECK(status == expected);
  }
  // Too short for a trailer.
  CHECK(opened({}) == Opened::Status::kMalformed);
  CHECK(opened({4}) == Opened::Status::kMalformed);
}

TEST(espGivesWhatFollowsTheInnerPacketToItsParser) {
  const EspSaOptions options = optionsOf(CipherKind::kAes128Gcm);
  EspSa sa(options, kLanes);
  std::vector<uint8_t> plaintext = innerOf(40);
  const size_t padded = plaintext.size() + 300;
  plaintext.resize(padded);
  plaintext.insert(plaintext.end(), {1, 2, 2, 4});
  std::vector<uint8_t> packet = sealedRaw(options, 1, plaintext);
  const Opened opened = sa.open(packet);
  CHECK(opened.status == Opened::Status::kPayload && opened.payload.size() == padded);
}

TEST(espWindowsKeepTheirWidth) {
  for (const uint32_t width : {32u, 64u, 1000u, 1024u}) {
    for (const bool extended : {false, true}) {
      EspSaOptions options = optionsOf(CipherKind::kAes128Gcm, DigestKind::kSha1, extended);
      options.replayWindow = width;
      EspSa a(options, kLanes), b(options, kLanes);
      std::vector<std::vector<uint8_t>> packets;
      for (uint32_t i = 0; i < width + 2; i++) packets.push_back(sealed(a, innerOf(20)));
      CHECK(statusOf(b, packets[width]) == Opened::Status::kPayload);
      // Below the window, an extended number is taken for one of the next 2^32, and does not verify.
      CHECK(statusOf(b, packets[0]) == (extended ? Opened::Status::kUnauthentic : Opened::Status::kReplay));
      CHECK(statusOf(b, packets[1]) == Opened::Status::kPayload);
      CHECK(statusOf(b, packets[1]) == Opened::Status::kReplay);
      CHECK(statusOf(b, packets[width + 1]) == Opened::Status::kPayload);
    }
  }
}

TEST(espTellsTheNewest) {
  EspSa a(optionsOf(CipherKind::kAes128Gcm), kLanes), b(optionsOf(CipherKind::kAes128Gcm), kLanes);
  std::vector<uint8_t> first = sealed(a, innerOf(20)), second = sealed(a, innerOf(20));
  CHECK(b.open(second).newest);
  CHECK(!b.open(first).newest);
}

TEST(espNumberZeroIsNeverValid) {
  const EspSaOptions options = optionsOf(CipherKind::kAes128Gcm);
  EspSa sa(options, kLanes);
  std::vector<uint8_t> plaintext = innerOf(20);
  plaintext.insert(plaintext.end(), {0, 4});
  CHECK(statusOf(sa, sealedRaw(options, 0, plaintext)) == Opened::Status::kReplay);
}

TEST(espExtendedNumbersWrapWithLossAndReordering) {
  for (const auto cipher : {CipherKind::kAes256Gcm, CipherKind::kAes256Cbc}) {
    for (int round = 0; round < 20; round++) {
      EspSaOptions options = optionsOf(cipher, DigestKind::kSha256, true);
      options.replayWindow = 32 + static_cast<uint32_t>(below(993));
      EspSa a(options, kLanes), b(options, kLanes);
      // Near the end of the first 2^32, or (by a jump that a receiver can follow) of the second.
      const uint64_t start = 0xffffffff - below(1500);
      a.setNextSequence(start);
      std::vector<std::pair<uint64_t, std::vector<uint8_t>>> packets;
      for (uint64_t i = 0; i < 3000; i++) packets.emplace_back(start + i, sealed(a, innerOf(20)));
      // The first tells where the sender is, as all before it would have.
      uint64_t newest = start;
      CHECK(statusOf(b, packets[0].second) == Opened::Status::kPayload);
      for (size_t i = 1; i < packets.size(); i++) {
        const size_t other = i + below(std::min<size_t>(40, packets.size() - i));
        std::swap(packets[i], packets[other]);
        if (below(10) == 0) continue;
        const uint64_t sequence = packets[i].first;
        const bool late = sequence < newest && newest - sequence >= options.replayWindow;
        const Opened::Status status = statusOf(b, packets[i].second);
        // What is older than the window is taken for a number of the next 2^32, and does not verify.
        if (late) CHECK(status == Opened::Status::kReplay || status == Opened::Status::kUnauthentic);
        else CHECK(status == Opened::Status::kPayload);
        newest = std::max(newest, sequence);
      }
    }
  }
}

TEST(espGuessesHighHalves) {
  ReplayWindow window(64);
  CHECK(guessSequence(window, 5) == 5);
  // There is no 2^32 before the first.
  CHECK(guessSequence(window, 0xffffffff) == 0xffffffff);
  window.accept(0x500000010);
  CHECK(guessSequence(window, 0xffffffd1) == 0x4ffffffd1);
  CHECK(guessSequence(window, 0xffffffd0) == 0x5ffffffd0);
  CHECK(guessSequence(window, 0) == 0x500000000);
  window.accept(0x500001000);
  CHECK(guessSequence(window, 0xfc1) == 0x500000fc1);
  CHECK(guessSequence(window, 0xfc0) == 0x600000fc0);
}

TEST(espNumbersNeverWrapWithoutExtension) {
  EspSa sa(optionsOf(CipherKind::kAes128Gcm), kLanes);
  sa.setNextSequence(EspSa::kSequenceWarning - 1);
  CHECK(!sealed(sa, innerOf(20)).empty() && !sa.charge(1, 20).soft);
  CHECK(!sealed(sa, innerOf(20)).empty());
  const LimitsPassed warned = sa.charge(1, 20);
  CHECK(warned.soft && !warned.hard && !sa.charge(1, 20).soft);
  sa.setNextSequence(EspSa::kLastSequence);
  const std::vector<uint8_t> last = sealed(sa, innerOf(20));
  CHECK(!last.empty() && load32(last.data() + 4) == 0xffffffff);
  CHECK(sa.charge(1, 20).hard && !sa.charge(1, 20).hard);
  for (int i = 0; i < 3; i++) CHECK(sealed(sa, innerOf(20)).empty());
}

TEST(espHardLimitsAreExactInBothDirections) {
  EspSaOptions options = optionsOf(CipherKind::kAes128Gcm);
  options.hardPacketLimit = 5;
  EspSa a(options, kLanes), b(options, kLanes);
  EspSa peer(optionsOf(CipherKind::kAes128Gcm), kLanes);
  for (int i = 0; i < 3; i++) CHECK(!sealed(a, innerOf(20)).empty());
  CHECK(!a.charge(3, 60).hard);
  for (int i = 0; i < 2; i++) CHECK(statusOf(a, sealed(peer, innerOf(20))) == Opened::Status::kPayload);
  CHECK(a.charge(2, 40).hard && !a.charge(0, 0).hard);
  CHECK(statusOf(a, sealed(peer, innerOf(20))) == Opened::Status::kRefused);
  CHECK(sealed(a, innerOf(20)).empty());

  options.hardPacketLimit = 0;
  options.hardByteLimit = 100;
  EspSa byBytes(options, kLanes);
  CHECK(!sealed(byBytes, innerOf(99)).empty() && !byBytes.charge(1, 99).hard);
  CHECK(!sealed(byBytes, innerOf(20)).empty() && byBytes.charge(1, 20).hard);
  CHECK(sealed(byBytes, innerOf(20)).empty());
}

TEST(espSoftLimitsAreRaisedOnce) {
  EspSaOptions options = optionsOf(CipherKind::kAes256Cbc, DigestKind::kSha256);
  options.packetLimit = 2;
  EspSa a(options, kLanes);
  sealed(a, innerOf(20));
  CHECK(!a.charge(1, 20).soft);
  sealed(a, innerOf(20));
  CHECK(a.charge(1, 20).soft && !a.charge(1, 20).soft);
}

TEST(espPadsNoMoreThanItMust) {
  for (const size_t alignment : {kEspAlignment, kBlockLength}) {
    for (size_t length = 20; length < 120; length++) {
      const size_t trailer = espTrailerLength(length, alignment);
      CHECK((length + trailer) % alignment == 0);
      CHECK(trailer >= kEspTrailerLength && trailer < kEspTrailerLength + alignment);
      CHECK(trailer <= kSealTailroom);
    }
  }
}
