#include "esp-sa.h"

#include <openssl/crypto.h>

namespace causeway {

namespace {

/** RFC 2404 §2, RFC 4868 §2.3: the leading half, but of SHA-1 96 bits. */
size_t truncatedLength(DigestKind digest) {
  return digest == DigestKind::kSha1 ? 12 : digestLength(digest) / 2;
}

uint64_t orEndless(uint64_t limit) { return limit == 0 ? UINT64_MAX : limit; }

/** SPI and sequence number as GCM authenticates them: with 64-bit numbers both halves (RFC 4106 §5). */
struct AssociatedData {
  uint8_t bytes[12];
  size_t length;

  AssociatedData(const uint8_t* header, bool extended, uint64_t sequence) : length(extended ? 12 : 8) {
    memcpy(bytes, header, kEspHeaderLength);
    if (extended) store64(bytes + 4, sequence);
  }
};

}  // namespace

EspSa::EspSa(const EspSaOptions& options, size_t lanes)
    : FlowKey(options.keyId, options.sequence),
      options_(options),
      lanes_(lanes),
      window_(options.replayWindow) {
  const bool cbc = isCbc(options.cipher);
  ivLength_ = cbc ? kBlockLength : kEspGcmIvLength;
  icvLength_ = cbc ? truncatedLength(options.digest) : kTagLength;
  alignment_ = cbc ? kBlockLength : kEspAlignment;
  lastSequence_ = options.extendedSequence ? UINT64_MAX - 1 : kLastSequence;
  options_.packetLimit = orEndless(options.packetLimit);
  options_.byteLimit = orEndless(options.byteLimit);
  options_.hardPacketLimit = orEndless(options.hardPacketLimit);
  options_.hardByteLimit = orEndless(options.hardByteLimit);
  const DirectionSecret& receive = options.receive;
  if (cbc) {
    receiveCbc_.emplace(options.cipher, options.digest, receive.cipherKey, receive.authKey, Direction::kOpen,
                        BlockPadding::kNone);
  } else {
    receiveAead_.emplace(options.cipher, receive.cipherKey, Direction::kOpen);
  }
}

EspSa::~EspSa() {
  OPENSSL_cleanse(&options_.send, sizeof options_.send);
  OPENSSL_cleanse(&options_.receive, sizeof options_.receive);
}

size_t EspSa::seal(size_t lane, RandomPool& random, MutableBytes packet, uint8_t* out) {
  SendLane& own = sendLane(lane);
  if (bytes_.fetch_add(packet.size(), std::memory_order_relaxed) >= options_.hardByteLimit) return 0;
  const uint64_t sequence = nextSequence_.fetch_add(1, std::memory_order_relaxed);
  const uint64_t received = packetsReceived_.load(std::memory_order_relaxed);
  if (sequence > lastSequence_ || sequence + received > options_.hardPacketLimit) return 0;
  store32(out, options_.sendSpi);
  store32(out + 4, static_cast<uint32_t>(sequence));
  const EspTrailer trailer(packet, alignment_);
  const bool sealed = own.cbc ? sealCbc(*own.cbc, random, sequence, trailer.bytes(), out)
                              : sealGcm(*own.aead, sequence, trailer.bytes(), out);
  return sealed ? kEspHeaderLength + ivLength_ + trailer.bytes().size() + icvLength_ : 0;
}

Opened EspSa::open(MutableBytes packet) {
  const size_t before = kEspHeaderLength + ivLength_;
  const size_t least = receiveCbc_ ? kBlockLength : kEspTrailerLength;
  if (packet.size() < before + least + icvLength_) return unopened(Opened::Status::kMalformed);
  const MutableBytes body = packet.subspan(before, packet.size() - before - icvLength_);
  if (receiveCbc_ && body.size() % kBlockLength != 0) return unopened(Opened::Status::kMalformed);
  const uint32_t low = load32(packet.data() + 4);
  const uint64_t sequence = options_.extendedSequence ? guessSequence(window_, low) : low;
  const bool authentic = receiveCbc_ ? openCbc(packet, body, sequence) : openGcm(packet, body, sequence);
  if (!authentic) return unopened(Opened::Status::kUnauthentic);
  const ReplayWindow::Verdict verdict = window_.accept(sequence);
  if (verdict == ReplayWindow::Verdict::kReplay) return unopened(Opened::Status::kReplay);
  Opened opened = stripEspTrailer(body);
  if (!chargeReceived(opened.payload.size())) opened = unopened(Opened::Status::kRefused);
  opened.newest = verdict == ReplayWindow::Verdict::kNewest;
  return opened;
}

LimitsPassed EspSa::charge(uint64_t, uint64_t) {
  const uint64_t sent = nextSequence_.load(std::memory_order_relaxed) - 1;
  const uint64_t packets = sent + packetsReceived_.load(std::memory_order_relaxed);
  const uint64_t bytes = bytes_.load(std::memory_order_relaxed);
  const bool wouldCycle = !options_.extendedSequence && sent >= kSequenceWarning;
  const bool soft = packets >= options_.packetLimit || bytes >= options_.byteLimit || wouldCycle;
  const bool hard =
      packets >= options_.hardPacketLimit || bytes >= options_.hardByteLimit || sent >= lastSequence_;
  return {.soft = soft && !softRaised_.exchange(true, std::memory_order_relaxed),
          .hard = hard && !hardRaised_.exchange(true, std::memory_order_relaxed)};
}

EspSa::SendLane& EspSa::sendLane(size_t lane) {
  std::unique_ptr<SendLane>& own = lanes_[lane];
  if (own) return *own;
  own = std::make_unique<SendLane>();
  const DirectionSecret& send = options_.send;
  if (isCbc(options_.cipher)) {
    own->cbc.emplace(options_.cipher, options_.digest, send.cipherKey, send.authKey, Direction::kSeal,
                     BlockPadding::kNone);
  } else {
    own->aead.emplace(options_.cipher, send.cipherKey, Direction::kSeal);
  }
  return *own;
}

/** The IV is the sequence number: RFC 4106 §3.1 asks only that it never comes twice under a key. */
bool EspSa::sealGcm(AeadContext& context, uint64_t sequence, Bytes plaintext, uint8_t* out) const {
  uint8_t nonce[kNonceLength];
  memcpy(nonce, options_.send.authKey, kEspSaltLength);
  store64(nonce + kEspSaltLength, sequence);
  uint8_t* body = out + kEspHeaderLength + kEspGcmIvLength;
  memcpy(out + kEspHeaderLength, nonce + kEspSaltLength, kEspGcmIvLength);
  const AssociatedData associated(out, options_.extendedSequence, sequence);
  return context.seal(nonce, {associated.bytes, associated.length}, plaintext, body, body + plaintext.size());
}

/** The HMAC covers all before it and, of 64-bit numbers, the high half that is not sent (RFC 4303 §3.3.2.1).
 */
bool EspSa::sealCbc(CbcContext& context, RandomPool& random, uint64_t sequence, Bytes plaintext,
                    uint8_t* out) const {
  uint8_t* iv = out + kEspHeaderLength;
  random.take(iv, kBlockLength);
  const size_t length = context.encrypt(iv, plaintext, iv + kBlockLength);
  if (length != plaintext.size()) return false;
  const Bytes covered(out, kEspHeaderLength + kBlockLength + length);
  uint8_t high[4], mac[kLongestDigest];
  store32(high, static_cast<uint32_t>(sequence >> 32));
  if (!context.mac(covered, mac, {high, options_.extendedSequence ? sizeof high : 0})) return false;
  memcpy(out + covered.size(), mac, icvLength_);
  return true;
}

bool EspSa::openGcm(MutableBytes packet, MutableBytes body, uint64_t sequence) {
  uint8_t nonce[kNonceLength];
  memcpy(nonce, options_.receive.authKey, kEspSaltLength);
  memcpy(nonce + kEspSaltLength, packet.data() + kEspHeaderLength, kEspGcmIvLength);
  const AssociatedData associated(packet.data(), options_.extendedSequence, sequence);
  return receiveAead_->open(nonce, {associated.bytes, associated.length}, body, body.data() + body.size(),
                            body.data());
}

bool EspSa::openCbc(MutableBytes packet, MutableBytes body, uint64_t sequence) {
  const Bytes covered = packet.first(packet.size() - icvLength_);
  uint8_t high[4], mac[kLongestDigest];
  store32(high, static_cast<uint32_t>(sequence >> 32));
  if (!receiveCbc_->mac(covered, mac, {high, options_.extendedSequence ? sizeof high : 0})) return false;
  if (CRYPTO_memcmp(mac, covered.data() + covered.size(), icvLength_) != 0) return false;
  return receiveCbc_->decrypt(body.data() - kBlockLength, body, body.data()) ==
         static_cast<ptrdiff_t>(body.size());
}

/** False when the SA had carried all it may before. */
bool EspSa::chargeReceived(size_t bytes) {
  const uint64_t received = packetsReceived_.load(std::memory_order_relaxed) + 1;
  packetsReceived_.store(received, std::memory_order_relaxed);
  const uint64_t sent = nextSequence_.load(std::memory_order_relaxed) - 1;
  const uint64_t before = bytes_.fetch_add(bytes, std::memory_order_relaxed);
  return before < options_.hardByteLimit && sent + received <= options_.hardPacketLimit;
}

}  // namespace causeway
