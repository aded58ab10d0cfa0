#pragma once

#include <atomic>
#include <memory>

#include "grace.h"

namespace causeway {

/**
 * Publishes a changed copy of what readers hold, and has the old one freed when none of them reads it any
 * more.
 *
 */
template <typename T, typename Change>
void publish(std::atomic<const T*>& published, Grace& grace, Change&& change) {
  auto next = std::make_unique<T>(*published.load(std::memory_order_relaxed));
  change(*next);
  grace.retire(std::unique_ptr<const T>(published.exchange(next.release(), std::memory_order_acq_rel)));
}

}  // namespace causeway
