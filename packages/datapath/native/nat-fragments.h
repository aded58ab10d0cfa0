#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>

#include "nat-rules.h"

namespace causeway {

/** What became of both addresses of a packet's first fragment. */
struct NatAddressPair {
  AddressValue source;
  AddressValue destination;
};

/**
 * What later fragments, which have no ports, are translated by. Bounded: the oldest goes. A fragment that comes before
 * the first of its packet is not waited for.
 */
class NatFragments {
 public:
  /** Which packet, in which direction. */
  struct Key {
    AddressValue source;
    AddressValue destination;
    uint32_t id;
    uint8_t version;
    uint8_t protocol;
    bool outbound;

    auto operator<=>(const Key&) const = default;
  };

  void remember(const Key& key, const NatAddressPair& translated, int64_t now) {
    const std::lock_guard lock(mutex_);
    const auto [entry, isNew] = entries_.insert_or_assign(key, Entry{translated, now});
    if (!isNew) return;
    order_.push_back(key);
    if (order_.size() <= kMost) return;
    entries_.erase(order_.front());
    order_.pop_front();
  }

  std::optional<NatAddressPair> find(const Key& key, int64_t now) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || now - found->second.at > kMilliseconds) return std::nullopt;
    return found->second.translated;
  }

 private:
  /** Ours. */
  static constexpr size_t kMost = 1024;
  /** RFC 791 §3.2: reassembly waits 15 seconds. */
  static constexpr int64_t kMilliseconds = 15'000;

  struct Entry {
    NatAddressPair translated;
    int64_t at;
  };

  mutable std::mutex mutex_;
  std::map<Key, Entry> entries_;
  /** As they came. */
  std::deque<Key> order_;
};

}  // namespace causeway
