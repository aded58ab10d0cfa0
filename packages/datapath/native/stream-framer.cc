#include "stream-framer.h"

#include <algorithm>

namespace causeway {

/** Keeps what belongs to the packet that is cut and gives the number of bytes taken. */
size_t StreamFramer::hold(Bytes chunk) {
  size_t taken = 0;
  while (held_ < kLengthBytes && taken < chunk.size()) head_[held_++] = chunk[taken++];
  if (held_ < kLengthBytes) return taken;
  if (held_ == kLengthBytes) {
    expected_ = load16(head_);
    if (expected_ == 0 || expected_ > kLongestFrame) {
      dead_ = true;
      return taken;
    }
  }
  const size_t length = std::min(kLengthBytes + expected_ - held_, chunk.size() - taken);
  buffer_.insert(buffer_.end(), chunk.begin() + static_cast<ptrdiff_t>(taken),
                 chunk.begin() + static_cast<ptrdiff_t>(taken + length));
  held_ += length;
  return taken + length;
}

}  // namespace causeway
