#include "event-queue.h"

#include <utility>

namespace causeway {

void EventQueue::put(Event event) {
  bool first;
  {
    const std::lock_guard lock(mutex_);
    const size_t length = event.bytes.size();
    if (length > 0 && event.type != EventType::kStreamFault) {
      if (packets_ == kMostPackets || bytes_ + length > kMostBytes) {
        drop();
        return;
      }
      packets_++;
      bytes_ += length;
    }
    first = waiting_.empty();
    waiting_.push_back(std::move(event));
  }
  if (first) wake_();
}

std::vector<Event> EventQueue::take() {
  const std::lock_guard lock(mutex_);
  packets_ = 0;
  bytes_ = 0;
  return std::exchange(waiting_, {});
}

}  // namespace causeway
