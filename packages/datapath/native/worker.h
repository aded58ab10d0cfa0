#pragma once

#include <atomic>
#include <thread>

#include "flow-timers.h"
#include "inbound.h"

namespace causeway {

/**
 * A thread that owns one TUN queue and one socket of each port. It sleeps in epoll_wait and works in
 * batches, which it lets grow under load; between two batches it reads nothing of what is shared. Worker 0
 * also looks after timers.
 */
class Worker {
 public:
  Worker(DatapathState& state, size_t index);
  /** Stops and joins the thread. */
  ~Worker();
  Worker(const Worker&) = delete;

  void watchPort(const UdpPort& port);
  void unwatchPort(const UdpPort& port);
  /** Only for a worker that the device has a queue for. */
  void watchTun(const TunDevice& tun);
  /** For tests: looks after timers now. Only for worker 0. */
  void fireTimer();

 private:
  void run();
  /** Gives how many single datagrams came. */
  int handle(uint64_t source);
  void gather();
  bool waitForTun(int64_t microseconds) const;
  void receiveFromTun();
  void watch(int fd, uint64_t source);

  DatapathState& state_;
  size_t index_;
  Outbound outbound_;
  Inbound inbound_;
  FlowTimers timers_;
  ReceivePace pace_;
  bool timersRunning_ = false;
  /** The queue that is watched, or -1. */
  std::atomic<int> tunQueue_{-1};
  std::unique_ptr<uint8_t[]> packet_;
  FileDescriptor epoll_;
  FileDescriptor stop_;
  FileDescriptor timer_;
  std::thread thread_;
};

}  // namespace causeway
