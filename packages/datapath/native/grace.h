#pragma once

#include <sched.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace causeway {

/**
 * Lets workers read tables without a lock (read-copy-update): the JavaScript thread, the only one that
 * changes them, unpublishes an object, and frees it only when every worker has left the batch it was
 * in. A batch takes well under a millisecond, and a sleeping worker is in none.
 */
class Grace {
 public:
  explicit Grace(size_t readers) : readers_(readers) {}

  void enter(size_t reader) {
    std::atomic<uint64_t>& turn = readers_[reader].turn;
    turn.store(turn.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }

  void leave(size_t reader) {
    std::atomic<uint64_t>& turn = readers_[reader].turn;
    turn.store(turn.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  // All below: for the JavaScript thread.

  /** Waits until nothing unpublished before is read any more, where the caller was promised that. */
  void synchronize() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    for (Reader& reader : readers_) {
      const uint64_t turn = reader.turn.load(std::memory_order_acquire);
      if (turn % 2 == 0) continue;
      while (reader.turn.load(std::memory_order_acquire) == turn) sched_yield();
    }
  }

  /** Frees an unpublished object in some later call, when nothing reads it any more. */
  template <typename T>
  void retire(std::unique_ptr<T> object) {
    if (!object) return;
    std::atomic_thread_fence(std::memory_order_seq_cst);
    Retired retired{std::shared_ptr<const void>(std::move(object)), {}};
    for (const Reader& reader : readers_)
      retired.turns.push_back(reader.turn.load(std::memory_order_acquire));
    retired_.push_back(std::move(retired));
    collect();
  }

  /** Frees what was retired and is not read any more. */
  void collect() {
    std::erase_if(retired_, [this](const Retired& retired) { return isOver(retired.turns); });
  }

 private:
  struct Retired {
    std::shared_ptr<const void> object;
    /** Of each reader, when it was retired. */
    std::vector<uint64_t> turns;
  };

  bool isOver(const std::vector<uint64_t>& turns) const {
    for (size_t i = 0; i < turns.size(); i++) {
      const bool inBatch = turns[i] % 2 != 0;
      if (inBatch && readers_[i].turn.load(std::memory_order_acquire) == turns[i]) return false;
    }
    return true;
  }

  struct alignas(64) Reader {
    /** Odd while the worker is in a batch. */
    std::atomic<uint64_t> turn{0};
  };
  std::vector<Reader> readers_;
  std::vector<Retired> retired_;
};

/**
 * Held for the packets of one batch by the one thread that receives a flow. Two threads meet here only
 * while a client floats from one worker's socket to another's, so that it is all but never waited for.
 */
class SpinLock {
 public:
  void lock() {
    while (held_.exchange(true, std::memory_order_acquire)) sched_yield();
  }
  void unlock() { held_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> held_{false};
};

}  // namespace causeway
