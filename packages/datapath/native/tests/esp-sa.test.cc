#include "../esp-sa.h"

#include <algorithm>
#include <string_view>

#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

constexpr size_t kLanes = 3;
constexpr uint32_t kSpi = 0x1000beef;

/** Bytes that count up from a number. */
DirectionSecret counting(uint8_t cipherFrom, uint8_t authFrom) {
  DirectionSecret secret;
  for (size_t i = 0; i < sizeof secret.cipherKey; i++)
    secret.cipherKey[i] = static_cast<uint8_t>(cipherFrom + i);
  for (size_t i = 0; i < sizeof secret.authKey; i++) secret.authKey[i] = static_cast<uint8_t>(authFrom + i);
  return secret;
}

EspSaOptions optionsOf(CipherKind cipher, DigestKind digest = DigestKind::kSha1, bool extended = false) {
  return {.keyId = kSpi,
          .sendSpi = kSpi,
          .sequence = 1,
          .cipher = cipher,
          .digest = digest,
          .extendedSequence = extended,
          .replayWindow = 64,
          .send = counting(2, 6),
          .receive = counting(2, 6),
          .selectors = {},
          .packetLimit = 0,
          .byteLimit = 0,
          .hardPacketLimit = 0,
          .hardByteLimit = 0};
}

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

/** Something that looks like an IP packet as far as ESP does. */
std::vector<uint8_t> innerOf(size_t length, uint8_t version = 4) {
  std::vector<uint8_t> inner = randomBytes(length);
  inner[0] = static_cast<uint8_t>(version << 4);
  return inner;
}

/** Seals as the datapath does: what stands around the packet must come back as it was. */
std::vector<uint8_t> sealed(EspSa& sa, const std::vector<uint8_t>& inner, size_t lane = 0) {
  static RandomPool random;
  std::vector<uint8_t> room(kSealHeadroom + inner.size() + kSealTailroom, 0xee);
  std::copy(inner.begin(), inner.end(), room.begin() + kSealHeadroom);
  const std::vector<uint8_t> before = room;
  std::vector<uint8_t> out(sa.sealedLength(inner.size()));
  const size_t written = sa.seal(lane, random, {room.data() + kSealHeadroom, inner.size()}, out.data());
  CHECK(written == 0 || written == out.size());
  CHECK(room == before);
  out.resize(written);
  return out;
}

Opened::Status statusOf(EspSa& sa, std::vector<uint8_t> packet) { return sa.open(packet).status; }

bool opensTo(EspSa& sa, std::vector<uint8_t> packet, const std::vector<uint8_t>& inner) {
  const Opened opened = sa.open(packet);
  return opened.status == Opened::Status::kPayload && std::ranges::equal(opened.payload, inner);
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

std::vector<uint8_t> bytesOf(std::string_view hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

struct KnownPacket {
  CipherKind cipher;
  DigestKind digest;
  bool extended;
  uint64_t sequence;
  int version;
  const char* packet;
};

/**
 * Made with Python's `cryptography` 48 and `hmac` from the RFCs' words: SPI 0x1000beef, cipher keys that
 * count up from 2, salt or HMAC keys from 6, IVs from 0xe0, padding 1, 2, 3. For GCM: header + iv +
 * AESGCM(key).encrypt(salt + iv, inner + padding, header, or SPI and 64-bit number) and for CBC: c = header +
 * iv + AES-CBC(inner + padding);  c + HMAC(c, and the number's high half)[:length] Those of one transform
 * with extended numbers go over the end of the low half.
 */
constexpr KnownPacket kKnownPackets[] = {
    {CipherKind::kAes128Gcm, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e730972bb4c25ed6dddd9daf588e68a93795479586d2d909bd2dd3e41a"
     "606a141c5821eec064f91553d2b5fe55cd951643b8af2eff"},
    {CipherKind::kAes128Cbc, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1ea322d006f0cbdb8cd19bc99f5"},
    {CipherKind::kAes128Cbc, DigestKind::kSha256, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1eae39d49f5f55e2d13ccb610acec429b6d"},
    {CipherKind::kAes128Cbc, DigestKind::kSha384, false, 0x5, 6,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeeff8774196595ead25e1b715dbb4fc34f45f9a8a84"
     "59c4178f6285f4a76889aaf8898c4ee9762e1d16955d2da8a830b2ccb2ce06c11ba910fa095d0d51dfe83265"
     "a81862cccf83162f6471cd5283763a90c3962d375a15d914"},
    {CipherKind::kAes128Cbc, DigestKind::kSha512, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1ea1069f4cfd50711621ac1379555d343c9"
     "28f4a53c1e4457e0bb927fcbb35135de"},
    {CipherKind::kAes192Gcm, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e711d18a55e2179214170972f6bdc690004700e589093f0f20999b83b6"
     "b8b492e552f2f22178597b2a4730e3be319180796b2fe703"},
    {CipherKind::kAes192Cbc, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeefabe7f5d7c3119bb9a147121c2b7f60eb166f1285"
     "e865e9a185ff445c7a9ebd9a1b6d87adaf331382c3e49388e3a4b248d0d58c81badb96c6b7e1539e"},
    {CipherKind::kAes192Cbc, DigestKind::kSha256, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeefabe7f5d7c3119bb9a147121c2b7f60eb166f1285"
     "e865e9a185ff445c7a9ebd9a1b6d87adaf331382c3e49388e3a4b24847cd34d29d1e322be0329d1d3bd79fa5"},
    {CipherKind::kAes192Cbc, DigestKind::kSha384, false, 0x5, 6,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef632f65f806b8ecdff5da346e273f8f7d53f618f4"
     "cacd310141ad06a6fc0d544f929c9ba1afc09720cc512d58d53599dbea78afc060c2ab8b55437dd8766a192b"
     "08573e2634a4a5820bc8130186442d5fcf12758fcecd287c"},
    {CipherKind::kAes192Cbc, DigestKind::kSha512, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeefabe7f5d7c3119bb9a147121c2b7f60eb166f1285"
     "e865e9a185ff445c7a9ebd9a1b6d87adaf331382c3e49388e3a4b248b2717eab61e3053df9a08321c0192026"
     "b0b7b32183b500a0b4b376f451b5daf5"},
    {CipherKind::kAes256Gcm, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e744fdcb51b0f44b7d52c4c7ff3982015e45071dc12e78e76ac9b02999"
     "e00bc8d5f7155edf9f31b76521e89bbeb161470174259fdb"},
    {CipherKind::kAes256Cbc, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef733a34b93b32fa63a20ba5ad7c18a519e1084cce"
     "599cbf1970ca30211eb1b059ff700576966d1106baf2846151b9af68190714e618785901ef66a0e5"},
    {CipherKind::kAes256Cbc, DigestKind::kSha256, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef733a34b93b32fa63a20ba5ad7c18a519e1084cce"
     "599cbf1970ca30211eb1b059ff700576966d1106baf2846151b9af68be1f85757d5a12fd9f15208346ade012"},
    {CipherKind::kAes256Cbc, DigestKind::kSha384, false, 0x5, 6,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeeffcd4d963aefc80455ba27de0687c2c451c2b057d"
     "32b1b464da6c27f64376d41db35a2819555f0d4fff1df5a6fbe821b5f96a03e225c1d97c3f47c0b4e6bd352d"
     "2b3ef483a4f69b4843b1055c366198de7151c7add00eec05"},
    {CipherKind::kAes256Cbc, DigestKind::kSha512, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef733a34b93b32fa63a20ba5ad7c18a519e1084cce"
     "599cbf1970ca30211eb1b059ff700576966d1106baf2846151b9af68bdad244be6e8af7df93c273f14677047"
     "120b11a6fb0b8db4c1891124299dcb5a"},
    {CipherKind::kAes256Gcm, DigestKind::kSha1, true, 0xfffffff0, 4,
     "1000beeffffffff0e0e1e2e3e4e5e6e744fdcb51b0f44b7d52c4c7ff3982015e45071dc12e78e76ac9b02999"
     "e00bc8d5f7155edfd1a3078dce4cbf21e20fad3d4407887c"},
    {CipherKind::kAes256Gcm, DigestKind::kSha1, true, 0x100000005, 4,
     "1000beef00000005e0e1e2e3e4e5e6e744fdcb51b0f44b7d52c4c7ff3982015e45071dc12e78e76ac9b02999"
     "e00bc8d5f7155edf7f938141b8bb00668f8a3a16934660aa"},
    {CipherKind::kAes128Cbc, DigestKind::kSha256, true, 0xfffffff0, 4,
     "1000beeffffffff0e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1ea419df47a8297e0bf760245a37aff0498"},
    {CipherKind::kAes128Cbc, DigestKind::kSha256, true, 0x100000005, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1ea16cbcb76446268a0433942c2863e91a9"},
};

/** 10.8.0.2 to 192.168.1.1 and fd00::2 to fd00::1, protocol 253, "known answer". */
constexpr const char* kInner4 = "450000200000000040fdae2e0a080002c0a801016b6e6f776e20616e73776572";
constexpr const char* kInner6 =
    "60000000000cfd40fd000000000000000000000000000002fd0000000000000000000000000000016b6e6f776e20616e7377657"
    "2";

}  // namespace

TEST(espOpensWhatOthersSealed) {
  std::unique_ptr<EspSa> sa;
  CipherKind before = CipherKind::kChaCha20Poly1305;
  for (const KnownPacket& known : kKnownPackets) {
    // Extended numbers need the packet before, to know their high half.
    const bool goesOn = known.extended && known.cipher == before && known.sequence >> 32 != 0;
    if (!goesOn) sa = std::make_unique<EspSa>(optionsOf(known.cipher, known.digest, known.extended), kLanes);
    before = known.cipher;
    CHECK(opensTo(*sa, bytesOf(known.packet), bytesOf(known.version == 4 ? kInner4 : kInner6)));
  }
}

TEST(espSealsWhatOthersOpen) {
  for (const KnownPacket& known : kKnownPackets) {
    EspSa sa(optionsOf(known.cipher, known.digest, known.extended), kLanes);
    sa.setNextSequence(known.sequence);
    const std::vector<uint8_t> theirs = bytesOf(known.packet);
    const std::vector<uint8_t> ours = sealed(sa, bytesOf(known.version == 4 ? kInner4 : kInner6));
    // Apart from the IV, and what hangs on it.
    CHECK(ours.size() == theirs.size());
    CHECK(std::equal(ours.begin(), ours.begin() + 8, theirs.begin()));
    if (known.sequence >> 32) continue;
    EspSa other(optionsOf(known.cipher, known.digest, known.extended), kLanes);
    CHECK(opensTo(other, ours, bytesOf(known.version == 4 ? kInner4 : kInner6)));
  }
}

/**
 * draft-mcgrew-gcm-test-01 §4, cases with SPI 4a2cbfe3 and 00000100 (the latter with extended numbers). Their
 * next header is 1, which is authentic but not for tunnel mode.
 */
TEST(espAgreesWithPublishedCases) {
  struct Case {
    CipherKind cipher;
    bool extended;
    const char* key;
    const char* salt;
    const char* packet;
    const char* plaintext;
  };
  constexpr Case cases[] = {
      {CipherKind::kAes256Gcm, false, "abbccddef00112233445566778899aababbccddef00112233445566778899aab",
       "11223344",
       "4a2cbfe3000000020102030405060708"
       "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99d"
       "ef842d8eb335f4eecfdbf831824b4c4915956c96",
       "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b40101040201020"
       "201"},
      {CipherKind::kAes128Gcm, true, "abbccddef00112233445566778899aab", "decaf888",
       "0000010000000001cafedebaceface74"
       "18a6fd42f72cbf4ab2a2ea901f73d814e3e7f243d95412e1c349c1d2fbec168f9190feebaf2cb01984e65863965d7472"
       "b79da345e0e780191f0d2f0e0f496c226f2127b27db35724e7845d68651f57e65f354f75ff17015769623436",
       "4500004933ba00007f119106c3fb1d10c2b1d326c02831ce0035dd7b800302d500004e20001e8c18d75b81dc91baa047"
       "6b91b924b280389d92c963bac046ec959b6266c04722b14923010101"}};
  for (const Case& one : cases) {
    EspSaOptions options = optionsOf(one.cipher, DigestKind::kSha1, one.extended);
    std::ranges::copy(bytesOf(one.key), options.receive.cipherKey);
    std::ranges::copy(bytesOf(one.salt), options.receive.authKey);
    EspSa sa(options, kLanes);
    std::vector<uint8_t> packet = bytesOf(one.packet);
    const std::vector<uint8_t> plaintext = bytesOf(one.plaintext);
    CHECK(sa.open(packet).status == Opened::Status::kRefused);
    CHECK(std::equal(plaintext.begin(), plaintext.end(), packet.begin() + 16));
  }
}

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
