#pragma once

#include "socket-address.h"

namespace causeway {

/** What the kernel tells beside a datagram. */
struct ReceiveControl {
  /** Size of the datagrams that the kernel put together (UDP_GRO); 0: it is one. */
  size_t segmentSize = 0;
  /** Our address that it was sent to, of a port bound to none in particular. */
  SocketAddress local;
  /** Congestion notification, of a port that carries ESP. */
  uint8_t ecn = 0;
};

/** Room for all that is asked of a socket. */
constexpr size_t kReceiveControlLength = 2 * CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(in6_pktinfo));

ReceiveControl readControl(msghdr& message);

/** What the kernel is told beside a datagram. One for each message; what was added goes with the send. */
class SendControl {
 public:
  /** Cut the message into datagrams of this size (UDP_SEGMENT). */
  void addSegmentSize(msghdr& message, uint32_t size);
  /** Send from this address of ours. */
  void addSource(msghdr& message, const SocketAddress& local);
  /** Mark the outer header. */
  void addEcn(msghdr& message, uint8_t ecn);

 private:
  uint8_t* add(msghdr& message, int level, int type, size_t length);

  alignas(cmsghdr) uint8_t
      bytes_[CMSG_SPACE(sizeof(uint16_t)) + CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
};

}  // namespace causeway
