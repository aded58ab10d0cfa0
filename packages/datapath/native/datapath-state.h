#pragma once

#include <time.h>

#include <memory>
#include <mutex>

#include "event-queue.h"
#include "flow.h"
#include "lpm.h"
#include "peer-table.h"
#include "throughput-limit.h"
#include "tun-device.h"

namespace causeway {

/** What all threads of a datapath share. Tables are published whole and freed after a grace period. */
struct DatapathState {
  DatapathState(size_t workers, std::function<void()> wake)
      : workers(workers), grace(workers), events(std::move(wake)) {}
  ~DatapathState() {
    delete routes.load();
    delete paths.load();
    delete ports.load();
  }

  const size_t workers;
  /** The JavaScript thread's number where workers have theirs. */
  size_t controlLane() const { return workers; }
  size_t lanes() const { return workers + 1; }

  Grace grace;
  EventQueue events;

  /** From inner address to flow. */
  std::atomic<const Lpm*> routes{new Lpm};
  /** P_DATA_V1 flows by port and remote address. */
  std::atomic<const FlatTable*> paths{new FlatTable};
  /** P_DATA_V2 flows. */
  PeerTable peers;
  /** SAs of ESP flows. */
  SpiTable spis;
  /** From port id to port. */
  std::atomic<const FlatTable*> ports{new FlatTable};
  std::atomic<const TunDevice*> tun{nullptr};
  std::atomic<bool> clientToClient{false};
  ThroughputLimit throughput;

  std::atomic<uint64_t> noRoute{0};
  std::atomic<uint64_t> unknownFlow{0};
  std::atomic<uint64_t> malformed{0};
  /** When the last `unknown-spi` event was raised. */
  std::atomic<int64_t> unknownSpiAt{kNever};

  /** All flows, for the worker that looks after timers. */
  std::mutex flowListMutex;
  std::vector<Flow*> flowList;

  /** Rounds over all flows' timers that have ended. */
  std::atomic<uint64_t> timerRounds{0};
  /** For tests: how far the clock was moved. */
  std::atomic<int64_t> testClock{0};

  /** Milliseconds of a clock that only goes forward; cheap, and exact to a few milliseconds. */
  int64_t now() const {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000 + testClock.load(std::memory_order_relaxed);
  }

  UdpPort* portOf(uint64_t id) const {
    return reinterpret_cast<UdpPort*>(ports.load(std::memory_order_acquire)->find({id, 0, 0}));
  }

  Flow* routeOf(uint8_t version, const uint8_t* address) const {
    return reinterpret_cast<Flow*>(routes.load(std::memory_order_acquire)->find(version, address));
  }
};

}  // namespace causeway
