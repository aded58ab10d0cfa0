#pragma once

#include <vector>

#include "bytes.h"

namespace causeway {

/**
 * OpenVPN over TCP: each packet stands behind its length (16 bits, network order, not counting
 * itself). Chunks may be cut anywhere; whole packets inside a chunk are given without a copy.
 */
class StreamFramer {
 public:
  static constexpr size_t kLengthBytes = 2;
  /** Longest frame taken: the largest inner MTU, its overhead, and room for control packets. Ours. */
  static constexpr size_t kLongestFrame = 16384;

  /**
   * Calls `take(packet)` for every packet that is complete; `chunk` is borrowed, and so is each packet.
   * False after a length that no peer sends (zero, or too long): the stream is then dead for good.
   */
  template <typename Take>
  bool feed(Bytes chunk, Take&& take) {
    while (!dead_ && !chunk.empty()) {
      if (held_ == 0 && chunk.size() >= kLengthBytes) {
        const size_t length = load16(chunk.data());
        if (length > 0 && length <= kLongestFrame && chunk.size() >= kLengthBytes + length) {
          take(chunk.subspan(kLengthBytes, length));
          chunk = chunk.subspan(kLengthBytes + length);
          continue;
        }
      }
      chunk = chunk.subspan(hold(chunk));
      if (!dead_ && held_ > kLengthBytes && held_ == kLengthBytes + expected_) {
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

  /** The length that killed the stream. */
  size_t badLength() const { return expected_; }

 private:
  size_t hold(Bytes chunk);

  /** Grows with what has arrived, not with what the peer announced. */
  std::vector<uint8_t> buffer_;
  size_t held_ = 0;
  size_t expected_ = 0;
  uint8_t head_[kLengthBytes] = {};
  bool dead_ = false;
};

}  // namespace causeway
