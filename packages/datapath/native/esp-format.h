#pragma once

#include "bytes.h"
#include "flow-key.h"
#include "replay-window.h"

namespace causeway {

/*
 * ESP on the wire, RFC 4303 §2, tunnel mode:
 *
 *   0                   1                   2                   3
 *   +---------------------------------------------------------------+
 *   |                              SPI                              |
 *   +---------------------------------------------------------------+
 *   |                  sequence number, low 32 bits                 |
 *   +---------------------------------------------------------------+
 *   |                      IV (8 GCM, 16 CBC)                       |
 *   +-------------------- encrypted from here ----------------------+
 *   |                         inner packet                          |
 *   |         any bytes (traffic flow confidentiality)              |
 *   |  padding 1, 2, 3 …           |  pad length   |  next header   |
 *   +-------------------- encrypted up to here ---------------------+
 *   |              integrity check value (12 to 32)                 |
 *   +---------------------------------------------------------------+
 */

constexpr size_t kEspHeaderLength = 8;
/** Pad length and next header. */
constexpr size_t kEspTrailerLength = 2;
/** RFC 4303 §2.4: what is encrypted ends on a boundary of four bytes. */
constexpr size_t kEspAlignment = 4;
/** IV of AES-GCM (RFC 4106 §3.1). */
constexpr size_t kEspGcmIvLength = 8;
constexpr size_t kEspSaltLength = 4;

constexpr uint8_t kNextHeaderIpv4 = 4;
constexpr uint8_t kNextHeaderIpv6 = 41;
/** RFC 4303 §2.6: a dummy packet, to be dropped without a word. */
constexpr uint8_t kNextHeaderNone = 59;

/** RFC 3948 §2.2: four zero bytes where an SPI would be: IKE follows. */
constexpr size_t kNonEspMarkerLength = 4;
/** RFC 3948 §2.3: the one byte of a NAT keepalive. */
constexpr uint8_t kNatKeepalive = 0xff;

/** Bytes of padding and trailer behind `length` bytes, to a multiple of `alignment`. */
constexpr size_t espTrailerLength(size_t length, size_t alignment) {
  const size_t least = length + kEspTrailerLength;
  return kEspTrailerLength + (alignment - least % alignment) % alignment;
}

/** Puts padding and trailer behind an IP packet for the life of this object, then restores what was there. */
class EspTrailer {
 public:
  EspTrailer(MutableBytes packet, size_t alignment);
  ~EspTrailer() { memcpy(after_, saved_, sizeof saved_); }
  EspTrailer(const EspTrailer&) = delete;
  EspTrailer& operator=(const EspTrailer&) = delete;

  /** The packet with its trailer. */
  MutableBytes bytes() const { return bytes_; }

 private:
  MutableBytes bytes_;
  uint8_t* after_;
  uint8_t saved_[kSealTailroom];
};

/**
 * Takes padding and trailer off what was decrypted: the inner packet, perhaps with more behind it. Refused
 * when there is more padding than bytes, or next header and IP version are not 4 or 6 alike. What the padding
 * holds is not looked at: that guards ciphers without integrity (RFC 4303 §2.4), and there are none here.
 */
Opened stripEspTrailer(MutableBytes decrypted);

/**
 * The sequence number of 64 bits whose low half has come, as the window makes it likely (RFC 4303
 * Appendix A2.2). It is right only if the packet proves authentic.
 */
uint64_t guessSequence(const ReplayWindow& window, uint32_t low);

}  // namespace causeway
