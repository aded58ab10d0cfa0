#pragma once

#include <string>
#include <vector>

#include "bytes.h"
#include "sstp-format.h"

namespace causeway {

/** How packets stand in a byte stream. */
enum class Framing : uint8_t {
  /** OpenVPN over TCP: each behind its length (16 bits, network order, not counting itself). */
  kOpenVpn,
  /** SSTP: each with its own header, which is part of it. */
  kSstp,
};

/**
 * Finds the packets of a byte stream. Chunks may be cut anywhere; whole packets inside a chunk are given
 * without a copy.
 */
class StreamFramer {
 public:
  /** What stands before each packet of OpenVPN. */
  static constexpr size_t kLengthBytes = 2;
  /** Longest packet of OpenVPN taken: the largest inner MTU, its overhead, and room for control packets.
   * Ours. */
  static constexpr size_t kLongestFrame = 16384;

  explicit StreamFramer(Framing framing = Framing::kOpenVpn) : framing_(framing) {}

  /**
   * Calls `take(packet)` for every packet that is complete; `chunk` is borrowed, and so is each packet.
   * False after a head that no peer sends: the stream is then dead for good.
   */
  template <typename Take>
  bool feed(Bytes chunk, Take&& take) {
    while (!dead_ && !chunk.empty()) {
      if (held_ == 0 && chunk.size() >= headBytes()) {
        const size_t length = lengthOf(chunk.data());
        if (length > 0 && chunk.size() >= length) {
          take(chunk.first(length).subspan(leftOut()));
          chunk = chunk.subspan(length);
          continue;
        }
      }
      chunk = chunk.subspan(hold(chunk));
      if (!dead_ && held_ >= headBytes() && held_ == expected_) {
        held_ = 0;
        take(Bytes(buffer_));
        buffer_.clear();
        // An idle stream keeps no buffer.
        if (chunk.empty()) buffer_.shrink_to_fit();
      }
    }
    return !dead_;
  }

  bool alive() const { return !dead_; }
  /** Nothing more is taken. */
  void kill() { dead_ = true; }

  /** What killed the stream, in words. */
  std::string fault() const;

 private:
  size_t headBytes() const { return framing_ == Framing::kSstp ? kSstpHeaderLength : kLengthBytes; }
  size_t leftOut() const { return framing_ == Framing::kSstp ? 0 : kLengthBytes; }
  size_t lengthOf(const uint8_t* head) const;
  size_t hold(Bytes chunk);

  /** Grows with what has arrived, not with what the peer announced. */
  std::vector<uint8_t> buffer_;
  size_t held_ = 0;
  /** Of a packet that is cut, with what stands before it. */
  size_t expected_ = 0;
  uint8_t head_[kSstpHeaderLength] = {};
  Framing framing_;
  bool dead_ = false;
};

}  // namespace causeway
