#pragma once

#include <atomic>
#include <memory>

#include "grace.h"

namespace causeway {

/**
 * Publishes a changed copy of what readers hold, and frees the old one when none of them reads it any more.
 *
 */
template <typename T, typename Change>
void publish(std::atomic<const T*>& published, Grace& grace, Change&& change) {
  auto next = std::make_unique<T>(*published.load(std::memory_order_relaxed));
  change(*next);
  const std::unique_ptr<const T> old(published.exchange(next.release(), std::memory_order_acq_rel));
  grace.synchronize();
}

}  // namespace causeway
