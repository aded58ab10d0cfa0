#pragma once

#include <sched.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace causeway {

/**
 * Lets workers read tables without a lock (read-copy-update): the JavaScript thread, the only one that
 * changes them, unpublishes an object, waits until every worker has left the batch it was in, and
 * only then frees it. A batch takes well under a millisecond, and a sleeping worker is in none.
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

  /** Waits until nothing unpublished before is read any more. Not for workers. */
  void synchronize() {
    std::atomic_thread_fence(std::memory_order_seq_cst);
    for (Reader& reader : readers_) {
      const uint64_t turn = reader.turn.load(std::memory_order_acquire);
      if (turn % 2 == 0) continue;
      while (reader.turn.load(std::memory_order_acquire) == turn) sched_yield();
    }
  }

 private:
  struct alignas(64) Reader {
    /** Odd while the worker is in a batch. */
    std::atomic<uint64_t> turn{0};
  };
  std::vector<Reader> readers_;
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
