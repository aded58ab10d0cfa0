#pragma once

#include <array>
#include <atomic>
#include <memory>

#include "esp-sa.h"

namespace causeway {

struct Flow;

/** An installed SA pair, as it is found by the SPI of what arrives. */
struct SpiEntry {
  SpiEntry(const EspSaOptions& options, size_t lanes, Flow& flow) : sa(options, lanes), flow(flow) {}

  uint32_t spi() const { return sa.keyId(); }

  EspSa sa;
  Flow& flow;
  std::atomic<SpiEntry*> next{nullptr};
};

/**
 * From SPI to SA: chains in a fixed number of buckets, so that a change costs the same however many there
 * are. One thread changes it; any number read it at any time. Entries are the caller's, to be freed when
 * nothing reads them any more. SPIs are chosen by us, so that nobody else makes a chain long.
 */
class SpiTable {
 public:
  SpiTable() : buckets_(new std::atomic<SpiEntry*>[kBuckets]()) {}

  SpiEntry* find(uint32_t spi) const {
    SpiEntry* entry = bucket(spi).load(std::memory_order_acquire);
    while (entry && entry->spi() != spi) entry = entry->next.load(std::memory_order_acquire);
    return entry;
  }

  /** From now on this entry is found for its SPI, before any that was there. */
  void add(SpiEntry& entry) {
    std::atomic<SpiEntry*>& head = bucket(entry.spi());
    entry.next.store(head.load(std::memory_order_relaxed), std::memory_order_relaxed);
    head.store(&entry, std::memory_order_release);
  }

  /** A reader that stands on the entry still finds its way on. */
  void remove(SpiEntry& entry) {
    std::atomic<SpiEntry*>* link = &bucket(entry.spi());
    while (link->load(std::memory_order_relaxed) != &entry) {
      link = &link->load(std::memory_order_relaxed)->next;
    }
    link->store(entry.next.load(std::memory_order_relaxed), std::memory_order_release);
  }

 private:
  /** Ours: short chains up to tens of thousands of SAs, for 128 KB. */
  static constexpr unsigned kBucketBits = 14;
  static constexpr size_t kBuckets = size_t{1} << kBucketBits;

  std::atomic<SpiEntry*>& bucket(uint32_t spi) const {
    return buckets_[spi * 0x9e3779b1u >> (32 - kBucketBits)];
  }

  std::unique_ptr<std::atomic<SpiEntry*>[]> buckets_;
};

}  // namespace causeway
