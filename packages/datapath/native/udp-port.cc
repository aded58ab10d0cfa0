#include "udp-port.h"

#include <netinet/udp.h>

namespace causeway {

namespace {

/** Room for 7 MB of bursts, past the system's limit where we may. Ours. */
constexpr int kSocketBuffer = 7 << 20;

void setOption(int fd, int level, int option, int value, const char* what) {
  must(setsockopt(fd, level, option, &value, sizeof value), what);
}

void setBuffer(int fd, int forced, int plain) {
  // Without CAP_NET_ADMIN the system's own limit has to do.
  if (setsockopt(fd, SOL_SOCKET, forced, &kSocketBuffer, sizeof kSocketBuffer) == 0) return;
  setOption(fd, SOL_SOCKET, plain, kSocketBuffer, "UDP buffer");
}

/** Options of UDP and raw sockets alike. */
FileDescriptor openSocket(const SocketAddress& address, int type, int protocol) {
  const int family = address.isV4() ? AF_INET : AF_INET6;
  FileDescriptor socket(must(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol), "socket"));
  const int fd = socket.get();
  setBuffer(fd, SO_RCVBUFFORCE, SO_RCVBUF);
  setBuffer(fd, SO_SNDBUFFORCE, SO_SNDBUF);
  if (address.isV4()) {
    // What is larger than the path is fragmented by the kernel: a tunnel that drops is worse than one that is
    // slow.
    setOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT, "IP_MTU_DISCOVER");
    if (address.isAny()) setOption(fd, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO");
  } else {
    setOption(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT, "IPV6_MTU_DISCOVER");
    if (address.isAny()) setOption(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
  }
  return socket;
}

void askForEcn(int fd, const SocketAddress& address) {
  if (address.isV4()) setOption(fd, IPPROTO_IP, IP_RECVTOS, 1, "IP_RECVTOS");
  else setOption(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1, "IPV6_RECVTCLASS");
}

FileDescriptor openRawSocket(const SocketAddress& address) {
  FileDescriptor socket = openSocket(address, SOCK_RAW, kIpProtocolEsp);
  askForEcn(socket.get(), address);
  must(bind(socket.get(), &address.any, address.length()), "bind");
  return socket;
}

FileDescriptor openUdpSocket(const SocketAddress& address, bool first) {
  FileDescriptor socket = openSocket(address, SOCK_DGRAM, 0);
  const int fd = socket.get();
  if (!first) setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
  if (!address.isV4()) setOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
  // Kernels before 5.0 have no UDP_GRO: then each datagram is received by itself.
  const int on = 1;
  setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
  must(bind(fd, &address.any, address.length()), "bind");
  // Shared only once it is ours alone, so that a port that someone else has is refused.
  if (first) setOption(fd, SOL_SOCKET, SO_REUSEPORT, 1, "SO_REUSEPORT");
  return socket;
}

}  // namespace

UdpPort::UdpPort(uint32_t id, const SocketAddress& address, PortProtocol protocol, size_t workers)
    : id_(id),
      protocol_(protocol),
      local_(address),
      anyAddress_(address.isAny()),
      segments_(protocol != PortProtocol::kEsp) {
  if (isRaw()) {
    sockets_.push_back(openRawSocket(address));
    return;
  }
  for (size_t i = 0; i < workers; i++) {
    sockets_.push_back(openUdpSocket(local_, i == 0));
    if (carriesEsp()) askForEcn(sockets_[i].get(), local_);
    // The first socket's port is the others' too, when the kernel was to choose.
    socklen_t length = sizeof local_.v6;
    must(getsockname(sockets_[i].get(), &local_.any, &length), "getsockname");
  }
}

}  // namespace causeway
