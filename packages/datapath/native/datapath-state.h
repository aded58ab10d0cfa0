#pragma once

#include <time.h>

#include <memory>
#include <mutex>

#include "event-queue.h"
#include "flow.h"
#include "peer-table.h"
#include "route-table.h"
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

  /** From inner addresses to flows. */
  std::atomic<const RouteTable*> routes{new RouteTable};
  /** P_DATA_V1 flows by port and remote address. */
  std::atomic<const FlatTable*> paths{new FlatTable};
  /** P_DATA_V2 flows. */
  PeerTable peers;
  /** SAs of ESP flows. */
  SpiTable spis;
  /** From port id to port. */
  std::atomic<const FlatTable*> ports{new FlatTable};
  std::atomic<const TunDevice*> tun{nullptr};
  /** Which flows may send to which: the bits of `transitBit`. */
  std::atomic<uint8_t> transit{0};
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

  /** Good until the thread's batch ends. */
  RouteTable::Flows routesOf(uint8_t version, const uint8_t* destination, const uint8_t* source) const {
    return routes.load(std::memory_order_acquire)->find(version, destination, source);
  }

  /** The flow to send by: the first that has a key, of several. */
  static Flow* choose(const RouteTable::Flows& flows) {
    return reinterpret_cast<Flow*>(flows.pick([](uint64_t flow) {
      return reinterpret_cast<Flow*>(flow)->sending.load(std::memory_order_relaxed) != nullptr;
    }));
  }

  static uint8_t transitBit(bool fromSite, bool toSite) {
    return static_cast<uint8_t>(1 << (2 * fromSite + toSite));
  }

  bool mayPass(const Flow& from, const Flow& to) const {
    return transit.load(std::memory_order_relaxed) & transitBit(from.site, to.site);
  }
};

}  // namespace causeway
