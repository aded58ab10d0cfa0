#pragma once

#include <atomic>
#include <vector>

#include "file-descriptor.h"
#include "socket-address.h"

namespace causeway {

/** A UDP port: one SO_REUSEPORT socket for each worker, so that the kernel spreads clients over them. */
class UdpPort {
 public:
  /** Errors: std::system_error. */
  UdpPort(uint32_t id, const SocketAddress& address, size_t workers);

  uint32_t id() const { return id_; }
  const SocketAddress& local() const { return local_; }
  int socket(size_t worker) const { return sockets_[worker % sockets_.size()].get(); }
  size_t sockets() const { return sockets_.size(); }

  /**
   * Whether the kernel cuts large sends into datagrams here (UDP_SEGMENT); some interfaces refuse it at run
   * time.
   */
  bool segments() const { return segments_.load(std::memory_order_relaxed); }
  void stopSegmenting() { segments_.store(false, std::memory_order_relaxed); }

 private:
  uint32_t id_;
  SocketAddress local_;
  std::vector<FileDescriptor> sockets_;
  std::atomic<bool> segments_{true};
};

}  // namespace causeway
