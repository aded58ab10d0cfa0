#pragma once

#include <array>
#include <memory>
#include <vector>

#include "prefix-key.h"
#include "shared-table.h"

namespace causeway {

/**
 * Longest prefix match for IPv4 and IPv6: one hash table for each prefix length in use, the longest
 * asked first. A gateway has a handful of lengths (leases /32 and /128, a few site prefixes), so a
 * lookup is a handful of probes. Copies share what neither has changed, so publishing a changed copy
 * costs a part of one table and leaves readers of the old one alone.
 */
class Lpm {
 public:
  /** The value of the longest prefix that holds the address (4 or 16 bytes by `version`), or 0. */
  uint64_t find(uint8_t version, const uint8_t* address) const;

  /** The value of the longest prefix that holds the address and whose value `takes` takes, or 0. */
  template <typename Takes>
  uint64_t search(uint8_t version, const uint8_t* address, Takes&& takes) const {
    const Family& family = version == 4 ? v4_ : v6_;
    const FlatKey key = addressKey(version, address);
    for (const Family::Level& level : family.levels) {
      const uint64_t value = level.table->find(prefixKey(key, level.length));
      if (value != 0 && takes(value)) return value;
    }
    return 0;
  }

  /** The value of just this prefix, or 0. */
  uint64_t at(uint8_t version, const uint8_t* address, unsigned length) const;

  /** Adds or moves a prefix; host bits are ignored. */
  void set(uint8_t version, const uint8_t* address, unsigned length, uint64_t value);

  /** Whether the prefix was there. */
  bool erase(uint8_t version, const uint8_t* address, unsigned length);

  /** Removes all prefixes of a value. */
  void eraseValue(uint64_t value);

 private:
  static constexpr unsigned kLongest = 128;

  struct Family {
    std::array<std::shared_ptr<SharedTable>, kLongest + 1> tables;
    /** Lengths in use, longest first, with their tables. */
    struct Level {
      unsigned length;
      const SharedTable* table;
    };
    std::vector<Level> levels;

    SharedTable& writable(unsigned length);
    void relist();
  };

  Family& family(uint8_t version) { return version == 4 ? v4_ : v6_; }

  Family v4_;
  Family v6_;
};

}  // namespace causeway
