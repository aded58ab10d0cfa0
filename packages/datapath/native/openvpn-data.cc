#include "openvpn-data.h"

#include <openssl/crypto.h>

namespace causeway {

namespace {

constexpr size_t kIdLength = 4;
constexpr size_t kEpochIdLength = 8;

}  // namespace

KeySlot::KeySlot(const KeySlotOptions& options, size_t lanes)
    : FlowKey(options.keyId, options.sequence), options_(options), nextId_(1), lanes_(lanes) {
  if (options.epoch) {
    nextId_ = uint64_t{kFirstEpoch} << kEpochCounterBits | 1;
    sendKeys_ = std::make_unique<EpochSendKeys>(options.send.cipherKey, options.cipher);
    receiveKeys_ = std::make_unique<EpochReceiveKeys>(options.receive.cipherKey, options.cipher);
    return;
  }
  window_ = std::make_unique<ReplayWindow>();
  const DirectionSecret& receive = options.receive;
  if (isCbc(options.cipher)) {
    receiveCbc_.emplace(options.cipher, options.digest, receive.cipherKey, receive.authKey, Direction::kOpen);
  } else {
    receiveAead_.emplace(options.cipher, receive.cipherKey, Direction::kOpen);
  }
}

KeySlot::~KeySlot() { OPENSSL_cleanse(&options_, sizeof options_); }

size_t KeySlot::sealedLength(Bytes payload) const {
  const size_t framed = payload.size() + framingLength(options_.compression, payload);
  if (options_.epoch) return kEpochIdLength + framed + kTagLength;
  if (!isCbc(options_.cipher)) return kIdLength + kTagLength + framed;
  const size_t padded = ((kIdLength + framed) / kBlockLength + 1) * kBlockLength;
  return digestLength(options_.digest) + kBlockLength + padded;
}

size_t KeySlot::seal(size_t lane, RandomPool& random, const DataHeader& header, MutableBytes payload,
                     uint8_t* out) {
  const FramedPayload framed(options_.compression, payload);
  SendLane& own = sendLane(lane);
  if (options_.epoch) return sealEpoch(own, header, framed.bytes(), out);
  if (isCbc(options_.cipher)) return sealCbc(own, random, header, framed.bytes(), out);
  return sealStandard(own, header, framed.bytes(), out);
}

Opened KeySlot::open(MutableBytes packet, size_t headerLength, uint8_t* out) {
  if (packet.size() < headerLength) return unopened(Opened::Status::kMalformed);
  if (options_.epoch) return openEpoch(packet, headerLength, out);
  if (isCbc(options_.cipher)) return openCbc(packet, headerLength, out);
  return openStandard(packet, headerLength, out);
}

LimitsPassed KeySlot::charge(uint64_t packets, uint64_t bytes) {
  const uint64_t allPackets = packets_.fetch_add(packets, std::memory_order_relaxed) + packets;
  const uint64_t allBytes = bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  const uint64_t id = nextId_.load(std::memory_order_relaxed);
  const bool idsRunOut = options_.epoch ? id >> kEpochCounterBits == kLastEpoch : id > kIdWarning;
  const bool passed = (options_.packetLimit != 0 && allPackets >= options_.packetLimit) ||
                      (options_.byteLimit != 0 && allBytes >= options_.byteLimit) || idsRunOut;
  return {.soft = passed && !limitRaised_.exchange(true, std::memory_order_relaxed)};
}

KeySlot::SendLane& KeySlot::sendLane(size_t lane) {
  std::unique_ptr<SendLane>& own = lanes_[lane];
  if (own) return *own;
  own = std::make_unique<SendLane>();
  const DirectionSecret& send = options_.send;
  if (isCbc(options_.cipher)) {
    own->cbc.emplace(options_.cipher, options_.digest, send.cipherKey, send.authKey, Direction::kSeal);
  } else if (!options_.epoch) {
    own->aead.emplace(options_.cipher, send.cipherKey, Direction::kSeal);
    memcpy(own->iv + kIdLength, send.authKey, kNonceLength - kIdLength);
  }
  return *own;
}

/** header | packet id (4) | tag (16) | ciphertext. P_DATA_V1 leaves its one header byte unauthenticated. */
size_t KeySlot::sealStandard(SendLane& lane, const DataHeader& header, Bytes framed, uint8_t* out) {
  const uint64_t id = nextId_.fetch_add(1, std::memory_order_relaxed);
  if (id > kLastId) return 0;
  memcpy(out, header.bytes, header.length);
  uint8_t* idAt = out + header.length;
  store32(idAt, static_cast<uint32_t>(id));
  memcpy(lane.iv, idAt, kIdLength);
  uint8_t* tag = idAt + kIdLength;
  uint8_t* body = tag + kTagLength;
  const uint8_t* associated = header.length > 1 ? out : idAt;
  const Bytes associatedBytes(associated, static_cast<size_t>(tag - associated));
  if (!lane.aead->seal(lane.iv, associatedBytes, framed, body, tag)) return 0;
  return static_cast<size_t>(body - out) + framed.size();
}

/** header | epoch (2) and counter (6) | ciphertext | tag (16). */
size_t KeySlot::sealEpoch(SendLane& lane, const DataHeader& header, Bytes framed, uint8_t* out) {
  uint64_t id;
  for (;;) {
    id = nextId_.fetch_add(1, std::memory_order_relaxed);
    const uint16_t epoch = static_cast<uint16_t>(id >> kEpochCounterBits);
    // The last counter of an epoch is never used, so that the id cannot run over into the epoch.
    if ((id & kEpochCounterMask) == kEpochCounterMask) return 0;
    if (epoch == lane.epoch) break;
    EpochKey key;
    // False: another thread went on to the next epoch since the id was drawn; draw again.
    if (!sendKeys_->keysOf(epoch, key)) continue;
    lane.aead.emplace(options_.cipher, key.key, Direction::kSeal);
    memcpy(lane.iv, key.iv, sizeof lane.iv);
    lane.epoch = epoch;
    OPENSSL_cleanse(&key, sizeof key);
    break;
  }
  memcpy(out, header.bytes, header.length);
  store64(out + header.length, id);
  uint8_t* body = out + header.length + kEpochIdLength;
  uint8_t nonce[kNonceLength];
  epochNonce(lane.iv, id, nonce);
  const Bytes associated(out, static_cast<size_t>(body - out));
  if (!lane.aead->seal(nonce, associated, framed, body, body + framed.size())) return 0;
  sendKeys_->charge(framed.size(), nextId_);
  return static_cast<size_t>(body - out) + framed.size() + kTagLength;
}

/** header | HMAC | IV (16) | encrypted packet id (4) and payload. The HMAC covers what follows it. */
size_t KeySlot::sealCbc(SendLane& lane, RandomPool& random, const DataHeader& header, MutableBytes framed,
                        uint8_t* out) {
  const uint64_t id = nextId_.fetch_add(1, std::memory_order_relaxed);
  if (id > kLastId) return 0;
  memcpy(out, header.bytes, header.length);
  const size_t macLength = digestLength(options_.digest);
  uint8_t* iv = out + header.length + macLength;
  random.take(iv, kBlockLength);
  uint8_t* plaintext = framed.data() - kIdLength;
  store32(plaintext, static_cast<uint32_t>(id));
  const size_t length = lane.cbc->encrypt(iv, {plaintext, kIdLength + framed.size()}, iv + kBlockLength);
  uint8_t mac[kLongestDigest];
  if (length == 0 || !lane.cbc->mac({iv, kBlockLength + length}, mac)) return 0;
  memcpy(out + header.length, mac, macLength);
  return header.length + macLength + kBlockLength + length;
}

Opened KeySlot::openStandard(MutableBytes packet, size_t headerLength, uint8_t* out) {
  const size_t before = headerLength + kIdLength + kTagLength;
  if (packet.size() <= before) return unopened(Opened::Status::kMalformed);
  uint8_t* id = packet.data() + headerLength;
  uint8_t nonce[kNonceLength];
  memcpy(nonce, id, kIdLength);
  memcpy(nonce + kIdLength, options_.receive.authKey, kNonceLength - kIdLength);
  const uint8_t* associated = headerLength > 1 ? packet.data() : id;
  const uint8_t* tag = id + kIdLength;
  const MutableBytes ciphertext = packet.subspan(before);
  if (!out) out = ciphertext.data();
  const uint64_t number = load32(id);
  const Bytes associatedBytes(associated, static_cast<size_t>(tag - associated));
  if (!receiveAead_->open(nonce, associatedBytes, ciphertext, tag, out))
    return unopened(Opened::Status::kUnauthentic);
  return judge(window_->accept(number), {out, ciphertext.size()});
}

Opened KeySlot::openEpoch(MutableBytes packet, size_t headerLength, uint8_t* out) {
  const size_t before = headerLength + kEpochIdLength;
  if (headerLength == 1 || packet.size() <= before + kTagLength) return unopened(Opened::Status::kMalformed);
  const uint64_t id = load64(packet.data() + headerLength);
  EpochReceiveKeys::Epoch* epoch = receiveKeys_->find(static_cast<uint16_t>(id >> kEpochCounterBits));
  if (!epoch) return unopened(Opened::Status::kUnauthentic);
  const size_t length = packet.size() - before - kTagLength;
  const MutableBytes ciphertext = packet.subspan(before, length);
  if (!out) out = ciphertext.data();
  uint8_t nonce[kNonceLength];
  epochNonce(epoch->iv, id, nonce);
  if (!epoch->context->open(nonce, packet.first(before), ciphertext, ciphertext.data() + length, out)) {
    return unopened(Opened::Status::kUnauthentic);
  }
  // A peer that has moved on is followed, so that both directions change keys (wire protocol, "Epoch key
  // usage").
  if (receiveKeys_->confirm(*epoch)) sendKeys_->advanceTo(epoch->number, nextId_);
  Opened opened = judge(epoch->window.accept(id & kEpochCounterMask), {out, length});
  opened.newest = opened.newest && receiveKeys_->isCurrent(*epoch);
  return opened;
}

Opened KeySlot::openCbc(MutableBytes packet, size_t headerLength, uint8_t* out) {
  const size_t macLength = digestLength(options_.digest);
  const size_t before = headerLength + macLength + kBlockLength;
  if (packet.size() < before + kBlockLength) return unopened(Opened::Status::kMalformed);
  const MutableBytes ciphertext = packet.subspan(before);
  if (ciphertext.size() % kBlockLength != 0) return unopened(Opened::Status::kMalformed);
  uint8_t mac[kLongestDigest];
  const uint8_t* iv = ciphertext.data() - kBlockLength;
  if (!receiveCbc_->mac(packet.subspan(headerLength + macLength), mac) ||
      CRYPTO_memcmp(mac, packet.data() + headerLength, macLength) != 0) {
    return unopened(Opened::Status::kUnauthentic);
  }
  if (!out) out = ciphertext.data();
  const ptrdiff_t length = receiveCbc_->decrypt(iv, ciphertext, out);
  if (length <= static_cast<ptrdiff_t>(kIdLength)) return unopened(Opened::Status::kMalformed);
  const MutableBytes framed(out + kIdLength, static_cast<size_t>(length) - kIdLength);
  return judge(window_->accept(load32(out)), framed);
}

Opened KeySlot::judge(ReplayWindow::Verdict verdict, MutableBytes framed) {
  if (verdict == ReplayWindow::Verdict::kReplay) return unopened(Opened::Status::kReplay);
  const bool newest = verdict == ReplayWindow::Verdict::kNewest;
  if (!unframe(options_.compression, framed)) return {Opened::Status::kRefused, newest, {}};
  return {Opened::Status::kPayload, newest, framed};
}

}  // namespace causeway
