#include "stream-framer.h"

#include <algorithm>

namespace causeway {

std::string StreamFramer::fault() const {
  if (framing_ == Framing::kSstp) return sstpFault(head_);
  const size_t length = load16(head_);
  if (length == 0) return "a frame of no bytes";
  return "a frame of " + std::to_string(length) + " bytes, more than " + std::to_string(kLongestFrame);
}

/** Of the packet with what stands before it; 0: no peer sends such a head. */
size_t StreamFramer::lengthOf(const uint8_t* head) const {
  if (framing_ == Framing::kSstp) return sstpLength(head);
  const size_t length = load16(head);
  return length == 0 || length > kLongestFrame ? 0 : kLengthBytes + length;
}

/** Keeps what belongs to the packet that is cut and gives the number of bytes taken. */
size_t StreamFramer::hold(Bytes chunk) {
  size_t taken = 0;
  while (held_ < headBytes() && taken < chunk.size()) head_[held_++] = chunk[taken++];
  if (held_ < headBytes()) return taken;
  if (held_ == headBytes()) {
    expected_ = lengthOf(head_);
    dead_ = expected_ == 0;
    if (dead_) return taken;
    buffer_.assign(head_ + leftOut(), head_ + headBytes());
  }
  const size_t length = std::min(expected_ - held_, chunk.size() - taken);
  buffer_.insert(buffer_.end(), chunk.begin() + static_cast<ptrdiff_t>(taken),
                 chunk.begin() + static_cast<ptrdiff_t>(taken + length));
  held_ += length;
  return taken + length;
}

}  // namespace causeway
