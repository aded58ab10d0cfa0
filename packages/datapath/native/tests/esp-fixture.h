#pragma once

#include <algorithm>

#include "../esp-sa.h"
#include "check.h"

/** What tests of ESP begin with: SAs whose both ends are one, and packets to put in. */
namespace causeway::test {

constexpr size_t kLanes = 3;
constexpr uint32_t kSpi = 0x1000beef;

/** Bytes that count up from a number. */
inline DirectionSecret counting(uint8_t cipherFrom, uint8_t authFrom) {
  DirectionSecret secret;
  for (size_t i = 0; i < sizeof secret.cipherKey; i++)
    secret.cipherKey[i] = static_cast<uint8_t>(cipherFrom + i);
  for (size_t i = 0; i < sizeof secret.authKey; i++) secret.authKey[i] = static_cast<uint8_t>(authFrom + i);
  return secret;
}

inline EspSaOptions optionsOf(CipherKind cipher, DigestKind digest = DigestKind::kSha1,
                              bool extended = false) {
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

/** Something that looks like an IP packet as far as ESP does. */
inline std::vector<uint8_t> innerOf(size_t length, uint8_t version = 4) {
  std::vector<uint8_t> inner = randomBytes(length);
  inner[0] = static_cast<uint8_t>(version << 4);
  return inner;
}

/** Seals as the datapath does: what stands around the packet must come back as it was. */
inline std::vector<uint8_t> sealed(EspSa& sa, const std::vector<uint8_t>& inner, size_t lane = 0) {
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

inline Opened::Status statusOf(EspSa& sa, std::vector<uint8_t> packet) { return sa.open(packet).status; }

inline bool opensTo(EspSa& sa, std::vector<uint8_t> packet, const std::vector<uint8_t>& inner) {
  const Opened opened = sa.open(packet);
  return opened.status == Opened::Status::kPayload && std::ranges::equal(opened.payload, inner);
}

}  // namespace causeway::test
