#pragma once

#include <array>
#include <cstddef>
#include <memory>

#include "flat-table.h"

namespace causeway {

/**
 * A hash table in parts. Copies share the parts that neither has changed since, so a change of a large table
 * that others read costs one copied part. Values are never 0.
 */
class SharedTable {
 public:
  /** The value, or 0. */
  uint64_t find(const FlatKey& key) const {
    const FlatTable* part = parts_[place(key)].get();
    return part ? part->find(key) : 0;
  }

  void set(const FlatKey& key, uint64_t value) {
    FlatTable& part = writable(place(key));
    const size_t before = part.size();
    part.set(key, value);
    size_ += part.size() - before;
  }

  /** Whether there was such a key. */
  bool erase(const FlatKey& key) {
    if (find(key) == 0) return false;
    writable(place(key)).erase(key);
    size_--;
    return true;
  }

  /** Removes every key of this value. */
  void eraseValue(uint64_t value) {
    for (size_t i = 0; i < kParts; i++) {
      if (parts_[i] && parts_[i]->holdsValue(value)) size_ -= writable(i).eraseValue(value);
    }
  }

  bool holdsValue(uint64_t value) const {
    for (const std::shared_ptr<FlatTable>& part : parts_) {
      if (part && part->holdsValue(value)) return true;
    }
    return false;
  }

  size_t size() const { return size_; }

 private:
  /** Ours: with thousands of keys a part still is a few pages. */
  static constexpr unsigned kPartBits = 6;
  static constexpr size_t kParts = size_t{1} << kPartBits;

  /** By the upper bits of the hash: a part itself uses the lower ones. */
  static size_t place(const FlatKey& key) { return FlatTable::hash(key) >> (64 - kPartBits); }

  FlatTable& writable(size_t index) {
    std::shared_ptr<FlatTable>& part = parts_[index];
    if (!part) part = std::make_shared<FlatTable>();
    else if (part.use_count() > 1) part = std::make_shared<FlatTable>(*part);
    return *part;
  }

  std::array<std::shared_ptr<FlatTable>, kParts> parts_;
  size_t size_ = 0;
};

}  // namespace causeway
