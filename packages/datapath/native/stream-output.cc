#include "stream-output.h"

#include <algorithm>
#include <utility>

namespace causeway {

namespace {

constexpr size_t kLeastCapacity = 2048;

}  // namespace

uint8_t* StreamOutput::reserveControl(size_t length, int64_t now) {
  if (length > controlLimit_ - controlBytes_) return nullptr;
  uint8_t* place = reserve(used_ + lengthBytes_ + length, now);
  if (place) controlBytes_ += length;
  return place;
}

uint8_t* StreamOutput::reserveData(size_t length, int64_t now) {
  const size_t needed = used_ + lengthBytes_ + length;
  const bool late = used_ > 0 && now - waitingSince_ > kPatience;
  return needed > (late ? kLimit : kBurstLimit) ? nullptr : reserve(needed, now);
}

uint8_t* StreamOutput::reserve(size_t needed, int64_t now) {
  if (closed_ || !grow(needed)) return nullptr;
  if (used_ == 0) waitingSince_ = now;
  return memory_.get() + used_ + lengthBytes_;
}

void StreamOutput::commit(size_t length) {
  if (lengthBytes_ > 0) store16(memory_.get() + used_, static_cast<uint16_t>(length));
  used_ += lengthBytes_ + length;
}

bool StreamOutput::announce() { return used_ > 0 && wake(); }

bool StreamOutput::wake() { return std::exchange(idle_, false); }

TakenOutput StreamOutput::take() {
  if (used_ == 0) {
    idle_ = true;
    return {};
  }
  // What is handed over may live long: it keeps no more than it holds.
  if (used_ < capacity_ / 2) resize(used_);
  lastTaken_ = used_;
  capacity_ = 0;
  return {std::move(memory_), std::exchange(used_, 0), std::exchange(controlBytes_, 0) > 0};
}

bool StreamOutput::grow(size_t needed) {
  if (needed <= capacity_) return true;
  // As much as was taken last: a busy stream gets its memory in one piece, an idle one keeps none.
  const size_t capacity = std::max({needed, capacity_ * 2, lastTaken_ + lastTaken_ / 4, kLeastCapacity});
  return resize(capacity);
}

bool StreamOutput::resize(size_t capacity) {
  uint8_t* memory = static_cast<uint8_t*>(realloc(memory_.get(), capacity));
  if (!memory) return false;
  (void)memory_.release();
  memory_.reset(memory);
  capacity_ = capacity;
  return true;
}

}  // namespace causeway
