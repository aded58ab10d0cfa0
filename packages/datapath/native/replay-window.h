#pragma once

#include <cstdint>

namespace causeway {

/** Whether a packet id was seen before, kept for the newest ids in a ring of bits (RFC 6479). */
class ReplayWindow {
 public:
  /** The widest window, and that of OpenVPN. */
  static constexpr uint64_t kWidest = 2048;

  /** Ids older than the newest by `width` or more are refused. */
  explicit ReplayWindow(uint64_t width = kWidest) : width_(width) {}

  enum class Verdict : uint8_t {
    /** Newer than any id before. */
    kNewest,
    /** Older than the newest, but not seen yet. */
    kLate,
    /** Seen before, too old, or zero. */
    kReplay,
  };

  /** Judges an authentic id and remembers it. */
  Verdict accept(uint64_t id);

  uint64_t newest() const { return newest_; }
  uint64_t width() const { return width_; }

 private:
  static constexpr uint64_t kWordBits = 64;
  /** One word more than the width, so that the word being entered can be cleared whole. */
  static constexpr uint64_t kWords = kWidest / kWordBits + 1;

  uint64_t width_;
  uint64_t newest_ = 0;
  uint64_t bits_[kWords] = {};
};

}  // namespace causeway
