#pragma once

#include <atomic>
#include <vector>

#include "file-descriptor.h"
#include "socket-address.h"

namespace causeway {

/** What arrives at a port. */
enum class PortProtocol : uint8_t {
  kOpenVpn,
  kIke,
  /** ESP, and IKE behind the non-ESP marker (RFC 3948). */
  kIkeEsp,
  /** ESP of its own IP protocol. */
  kEsp,
};

constexpr int kIpProtocolEsp = 50;

/**
 * A UDP port: one SO_REUSEPORT socket for each worker, so that the kernel spreads clients over them. For raw
 * ESP one raw socket in their place, because each raw socket would get every packet: one worker receives, all
 * send.
 */
class UdpPort {
 public:
  /** Errors: std::system_error. */
  UdpPort(uint32_t id, const SocketAddress& address, PortProtocol protocol, size_t workers);

  uint32_t id() const { return id_; }
  PortProtocol protocol() const { return protocol_; }
  bool isRaw() const { return protocol_ == PortProtocol::kEsp; }
  bool carriesEsp() const { return protocol_ == PortProtocol::kIkeEsp || protocol_ == PortProtocol::kEsp; }
  const SocketAddress& local() const { return local_; }
  /** Whether it is bound to no address in particular: then each packet comes with the one it was sent to. */
  bool isAnyAddress() const { return anyAddress_; }
  int socket(size_t worker) const { return sockets_[worker % sockets_.size()].get(); }
  /** How many there are; so many workers receive. */
  size_t sockets() const { return sockets_.size(); }

  /**
   * Whether the kernel cuts large sends into datagrams here (UDP_SEGMENT); some interfaces refuse it at run
   * time.
   */
  bool segments() const { return segments_.load(std::memory_order_relaxed); }
  void stopSegmenting() { segments_.store(false, std::memory_order_relaxed); }

 private:
  uint32_t id_;
  PortProtocol protocol_;
  SocketAddress local_;
  bool anyAddress_;
  std::vector<FileDescriptor> sockets_;
  std::atomic<bool> segments_;
};

}  // namespace causeway
