#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace causeway {

struct Flow;

/** From 24-bit peer-id to flow, as a tree of three bytes. One thread writes, any number read. */
class PeerTable {
 public:
  PeerTable() = default;
  PeerTable(const PeerTable&) = delete;
  ~PeerTable() {
    for (std::atomic<Page*>& page : pages_) {
      if (!page) continue;
      for (std::atomic<Leaf*>& leaf : *page.load()) delete leaf.load();
      delete page.load();
    }
  }

  Flow* find(uint32_t peerId) const {
    const Page* page = pages_[peerId >> 16].load(std::memory_order_acquire);
    if (!page) return nullptr;
    const Leaf* leaf = (*page)[peerId >> 8 & 0xff].load(std::memory_order_acquire);
    return leaf ? (*leaf)[peerId & 0xff].load(std::memory_order_acquire) : nullptr;
  }

  /** Null takes the flow out. */
  void set(uint32_t peerId, Flow* flow) {
    std::atomic<Page*>& page = pages_[peerId >> 16];
    if (!page) page = new Page{};
    std::atomic<Leaf*>& leaf = (*page.load())[peerId >> 8 & 0xff];
    if (!leaf) leaf = new Leaf{};
    (*leaf.load())[peerId & 0xff] = flow;
  }

 private:
  using Leaf = std::array<std::atomic<Flow*>, 256>;
  using Page = std::array<std::atomic<Leaf*>, 256>;

  std::array<std::atomic<Page*>, 256> pages_{};
};

}  // namespace causeway
