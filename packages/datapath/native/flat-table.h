#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace causeway {

/** A key of up to 24 bytes as three words; what is not used is zero. */
struct FlatKey {
  uint64_t a = 0;
  uint64_t b = 0;
  uint64_t c = 0;
  bool operator==(const FlatKey&) const = default;
};

/**
 * A hash table in one array (linear probing, at most half full). One thread changes it before it is
 * published; any number read it after. Values are never 0.
 */
class FlatTable {
 public:
  /** The value, or 0. */
  uint64_t find(const FlatKey& key) const {
    for (size_t i = hash(key) & mask();; i = (i + 1) & mask()) {
      if (entries_[i].value == 0 || entries_[i].key == key) return entries_[i].value;
    }
  }

  void set(const FlatKey& key, uint64_t value) {
    if ((size_ + 1) * 2 > entries_.size()) grow();
    Entry& entry = entries_[place(key)];
    if (entry.value == 0) size_++;
    entry = {key, value};
  }

  /** Whether there was such a key. */
  bool erase(const FlatKey& key) {
    size_t hole = place(key);
    if (entries_[hole].value == 0) return false;
    entries_[hole].value = 0;
    size_--;
    // What stood behind the hole moves up when its probe sequence would now stop there.
    for (size_t i = (hole + 1) & mask(); entries_[i].value != 0; i = (i + 1) & mask()) {
      const size_t home = hash(entries_[i].key) & mask();
      if (((i - home) & mask()) < ((i - hole) & mask())) continue;
      entries_[hole] = std::exchange(entries_[i], Entry{});
      hole = i;
    }
    return true;
  }

  /** Removes every key of this value and gives their number. */
  size_t eraseValue(uint64_t value) {
    std::vector<FlatKey> keys;
    for (const Entry& entry : entries_) {
      if (entry.value == value) keys.push_back(entry.key);
    }
    for (const FlatKey& key : keys) erase(key);
    return keys.size();
  }

  bool holdsValue(uint64_t value) const {
    for (const Entry& entry : entries_) {
      if (entry.value == value) return true;
    }
    return false;
  }

  size_t size() const { return size_; }

  /** All its bits are used alike. */
  static uint64_t hash(const FlatKey& key) {
    const uint64_t head = mix(key.a ^ 0x2d358dccaa6c78a5, key.b ^ 0x8bb84b93962eacc9);
    return mix(head ^ 0x4b33a62ed433d4a3, key.c ^ 0x4d5a2da51de1aa47);
  }

 private:
  struct Entry {
    FlatKey key;
    uint64_t value = 0;
  };

  static uint64_t mix(uint64_t a, uint64_t b) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }

  size_t mask() const { return entries_.size() - 1; }

  size_t place(const FlatKey& key) const {
    size_t i = hash(key) & mask();
    while (entries_[i].value != 0 && !(entries_[i].key == key)) i = (i + 1) & mask();
    return i;
  }

  void grow() {
    std::vector<Entry> old(entries_.size() * 2);
    old.swap(entries_);
    for (const Entry& entry : old) {
      if (entry.value != 0) entries_[place(entry.key)] = entry;
    }
  }

  std::vector<Entry> entries_ = std::vector<Entry>(4);
  size_t size_ = 0;
};

}  // namespace causeway
