#include "../openvpn-data.h"

#include <initializer_list>

#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

constexpr size_t kLanes = 3;
constexpr DataHeader kV1{{kOpcodeDataV1 << 3, 0, 0, 0}, 1};
constexpr DataHeader kV2{{kOpcodeDataV2 << 3, 0, 0, 7}, 4};

DirectionSecret secretOf(uint8_t fill) {
  DirectionSecret secret;
  for (size_t i = 0; i < sizeof secret.cipherKey; i++) secret.cipherKey[i] = static_cast<uint8_t>(fill + i);
  for (size_t i = 0; i < sizeof secret.authKey; i++) secret.authKey[i] = static_cast<uint8_t>(fill * 3 + i);
  return secret;
}

KeySlotOptions optionsOf(CipherKind cipher, bool epoch = false, Compression compression = Compression::kNone,
                         DigestKind digest = DigestKind::kSha1) {
  return {0, 0, cipher, digest, epoch, compression, secretOf(1), secretOf(2), 0, 0};
}

KeySlotOptions otherEnd(KeySlotOptions options) {
  std::swap(options.send, options.receive);
  return options;
}

/** Seals as the datapath does: with head- and tailroom that must come back as it was. */
std::vector<uint8_t> sealed(KeySlot& slot, const DataHeader& header, std::vector<uint8_t> payload,
                            size_t lane = 0) {
  static RandomPool random;
  std::vector<uint8_t> room(kSealHeadroom + payload.size() + kSealTailroom, 0xee);
  memcpy(room.data() + kSealHeadroom, payload.data(), payload.size());
  const MutableBytes inside(room.data() + kSealHeadroom, payload.size());
  const size_t length = slot.sealedLength(payload);
  std::vector<uint8_t> out(header.length + length);
  const size_t written = slot.seal(lane, random, header, inside, out.data());
  CHECK(written == 0 || written == out.size());
  CHECK(room.back() == 0xee);
  CHECK(memcmp(inside.data(), payload.data(), payload.size()) == 0);
  out.resize(written);
  return out;
}

std::vector<KeySlotOptions> everyFormat() {
  std::vector<KeySlotOptions> all;
  for (const auto c : {Compression::kNone, Compression::kLzoStub, Compression::kStub, Compression::kStubV2}) {
    for (const auto aead : {CipherKind::kAes128Gcm, CipherKind::kAes192Gcm, CipherKind::kAes256Gcm,
                            CipherKind::kChaCha20Poly1305}) {
      all.push_back(optionsOf(aead, false, c));
      all.push_back(optionsOf(aead, true, c));
    }
    for (const auto digest : {DigestKind::kSha1, DigestKind::kSha256, DigestKind::kSha512}) {
      all.push_back(optionsOf(CipherKind::kAes128Cbc, false, c, digest));
      all.push_back(optionsOf(CipherKind::kAes256Cbc, false, c, digest));
    }
  }
  all.push_back(optionsOf(CipherKind::kAes192Cbc));
  return all;
}

bool opensTo(KeySlot& slot, std::vector<uint8_t> packet, const std::vector<uint8_t>& payload) {
  const Opened opened = slot.open(packet, dataHeaderLength(packet[0]), nullptr);
  return opened.status == Opened::Status::kPayload &&
         std::vector<uint8_t>(opened.payload.begin(), opened.payload.end()) == payload;
}

}  // namespace

TEST(everyFormatOpensWhatItSealed) {
  for (const KeySlotOptions& options : everyFormat()) {
    for (const DataHeader& header : {kV1, kV2}) {
      if (options.epoch && header.length == 1) continue;
      KeySlot a(options, kLanes), b(otherEnd(options), kLanes);
      for (size_t length = 1; length < 100; length++) {
        std::vector<uint8_t> payload = randomBytes(length);
        if (length % 4 == 0) payload[0] = 0x50;
        const std::vector<uint8_t> packet = sealed(a, header, payload, length % kLanes);
        CHECK(opensTo(b, packet, payload));
        std::vector<uint8_t> again = packet;
        CHECK(b.open(again, header.length, nullptr).status == Opened::Status::kReplay);
      }
    }
  }
}

TEST(noFormatOpensAChangedOrCutPacket) {
  for (const KeySlotOptions& options : everyFormat()) {
    const DataHeader& header = kV2;
    KeySlot a(options, kLanes), b(otherEnd(options), kLanes);
    const std::vector<uint8_t> packet = sealed(a, header, randomBytes(70));
    for (size_t length = 0; length < packet.size(); length++) {
      std::vector<uint8_t> cut(packet.begin(), packet.begin() + static_cast<ptrdiff_t>(length));
      const Opened::Status status = b.open(cut, header.length, nullptr).status;
      CHECK(status == Opened::Status::kMalformed || status == Opened::Status::kUnauthentic);
    }
    // The header of a CBC packet is not authenticated (wire protocol, "CBC data packet").
    const size_t from = isCbc(options.cipher) ? header.length : 0;
    for (size_t bit = from * 8; bit < packet.size() * 8; bit++) {
      std::vector<uint8_t> flipped = packet;
      flipped[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      CHECK(b.open(flipped, header.length, nullptr).status == Opened::Status::kUnauthentic);
    }
    std::vector<uint8_t> scratch(packet.size());
    std::vector<uint8_t> whole = packet;
    CHECK(b.open(whole, header.length, scratch.data()).status == Opened::Status::kPayload);
    CHECK(whole == packet);
  }
}

TEST(noiseOfEveryLengthIsRefused) {
  for (const KeySlotOptions& options : everyFormat()) {
    KeySlot slot(options, kLanes);
    for (size_t length = 0; length < 160; length++) {
      for (const size_t headerLength : {1u, 4u}) {
        std::vector<uint8_t> noise = randomBytes(length);
        if (options.epoch && length > 6)
          noise[headerLength] = 0, noise[headerLength + 1] = static_cast<uint8_t>(below(20));
        const Opened::Status status = slot.open(noise, headerLength, nullptr).status;
        CHECK(status == Opened::Status::kMalformed || status == Opened::Status::kUnauthentic);
      }
    }
  }
}

TEST(idsNeverWrap) {
  for (const auto cipher : {CipherKind::kAes256Gcm, CipherKind::kAes256Cbc}) {
    KeySlot slot(optionsOf(cipher), kLanes);
    slot.setNextId(KeySlot::kIdWarning);
    CHECK(!slot.charge(1, 1).soft);
    CHECK(!sealed(slot, kV2, {1}).empty());
    CHECK(slot.charge(1, 1).soft);
    CHECK(!slot.charge(1, 1).soft);
    slot.setNextId(KeySlot::kLastId);
    CHECK(!sealed(slot, kV2, {1}).empty());
    CHECK(sealed(slot, kV2, {1}).empty());
    CHECK(sealed(slot, kV2, {1}).empty());
  }
}

TEST(softLimitsAreRaisedOnce) {
  KeySlotOptions options = optionsOf(CipherKind::kAes128Gcm);
  options.packetLimit = 10;
  KeySlot byPackets(options, kLanes);
  CHECK(!byPackets.charge(9, 900).soft && byPackets.charge(1, 1).soft && !byPackets.charge(5, 5).soft);
  options.packetLimit = 0;
  options.byteLimit = 1000;
  KeySlot byBytes(options, kLanes);
  CHECK(!byBytes.charge(1, 999).soft && byBytes.charge(1, 1).soft && !byBytes.charge(1, 1).soft);
}

TEST(epochsMoveOnTogether) {
  const KeySlotOptions options = optionsOf(CipherKind::kAes256Gcm, true);
  KeySlot a(options, kLanes), b(otherEnd(options), kLanes);
  const std::vector<uint8_t> early = sealed(a, kV2, {1});
  const std::vector<uint8_t> late = sealed(a, kV2, {2});
  CHECK(opensTo(b, early, {1}));
  for (int i = 0; i < 3; i++) a.advanceSendEpoch();
  const std::vector<uint8_t> next = sealed(a, kV2, {3}, 1);
  CHECK(next[5] == 4 && load32(next.data() + 8) == 1);
  CHECK(opensTo(b, next, {3}));
  // The epoch before is still open; the receiver's own sending has followed.
  CHECK(opensTo(b, late, {2}));
  CHECK(sealed(b, kV2, {4})[5] == 4);
  CHECK(opensTo(a, sealed(b, kV2, {5}), {5}));
  a.advanceSendEpoch();
  CHECK(opensTo(b, sealed(a, kV2, {6}), {6}));
  std::vector<uint8_t> tooOld = early;
  CHECK(b.open(tooOld, 4, nullptr).status == Opened::Status::kUnauthentic);
  for (int i = 0; i < 17; i++) a.advanceSendEpoch();
  std::vector<uint8_t> tooFar = sealed(a, kV2, {7});
  CHECK(b.open(tooFar, 4, nullptr).status == Opened::Status::kUnauthentic);
}

TEST(epochKeysAreTheKnownOnes) {
  // HKDF-Expand of RFC 5869 A.1's PRK with the label "unit test"; and epoch 17 of OpenVPN's own test vectors.
  const uint8_t prk[32] = {0x07, 0x77, 0x09, 0x36, 0x2c, 0x2e, 0x32, 0xdf, 0x0d, 0xdc, 0x3f,
                           0x0d, 0xc4, 0x7b, 0xba, 0x63, 0x90, 0xb6, 0xc7, 0x3b, 0xb5, 0x0f,
                           0x9c, 0x31, 0x22, 0xec, 0x84, 0x4a, 0xd7, 0xc2, 0xb3, 0xe5};
  const uint8_t expected[16] = {0x18, 0x5e, 0xaa, 0x1c, 0x7f, 0x22, 0x8a, 0xb8,
                                0xeb, 0x29, 0x77, 0x32, 0x14, 0xd9, 0x20, 0x46};
  uint8_t out[16];
  CHECK(expandLabel(prk, "unit test", out));
  CHECK(memcmp(out, expected, sizeof out) == 0);

  const uint8_t secret[32] = {19, 12};
  const uint8_t key[24] = {0xed, 0x85, 0x33, 0xdb, 0x1c, 0x28, 0xac, 0xe4, 0x18, 0xe9, 0x00, 0x6a,
                           0xb2, 0x9c, 0x17, 0x41, 0x7d, 0x60, 0xeb, 0xe6, 0xcd, 0x90, 0xbf, 0x0a};
  const uint8_t iv[12] = {0x86, 0x89, 0x0a, 0xab, 0xf0, 0x32, 0xcb, 0x59, 0xf4, 0xcf, 0xa3, 0x4e};
  EpochKey derived;
  deriveEpochKey(secret, CipherKind::kAes192Gcm, derived);
  CHECK(memcmp(derived.key, key, sizeof key) == 0);
  CHECK(memcmp(derived.iv, iv, sizeof iv) == 0);
}

TEST(aeadIsTheKnownOne) {
  // GCM specification (McGrew, Viega), test case 16: AES-256 with associated data.
  const uint8_t key[32] = {0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f,
                           0x94, 0x67, 0x30, 0x83, 0x08, 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65,
                           0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08};
  const uint8_t nonce[12] = {0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
  const uint8_t associated[20] = {0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
                                  0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2};
  const uint8_t plaintext[60] = {0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5,
                                 0xaf, 0xf5, 0x26, 0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda,
                                 0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31, 0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95,
                                 0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49, 0xa6, 0xb5, 0x25,
                                 0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39};
  const uint8_t expected[16] = {0x76, 0xfc, 0x6e, 0xce, 0x0f, 0x4e, 0x17, 0x68,
                                0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b};
  uint8_t out[sizeof plaintext], tag[kTagLength];
  AeadContext context(CipherKind::kAes256Gcm, key, Direction::kSeal);
  CHECK(context.seal(nonce, associated, plaintext, out, tag));
  CHECK(memcmp(tag, expected, sizeof tag) == 0);
  CHECK(out[0] == 0x52 && out[1] == 0x2d && out[59] == 0x62);
}
