#include "replay-window.h"

#include <algorithm>

namespace causeway {

ReplayWindow::Verdict ReplayWindow::accept(uint64_t id) {
  if (id == 0) return Verdict::kReplay;
  const uint64_t word = id / kWordBits;
  const uint64_t bit = uint64_t{1} << (id % kWordBits);
  if (id > newest_) {
    const uint64_t entered = std::min(word - newest_ / kWordBits, kWords);
    for (uint64_t i = 0; i < entered; i++) bits_[(word - i) % kWords] = 0;
    newest_ = id;
    bits_[word % kWords] |= bit;
    return Verdict::kNewest;
  }
  if (newest_ - id >= width_) return Verdict::kReplay;
  uint64_t& seen = bits_[word % kWords];
  if (seen & bit) return Verdict::kReplay;
  seen |= bit;
  return Verdict::kLate;
}

}  // namespace causeway
