#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "bytes.h"
#include "flat-table.h"

namespace causeway {

/** An IPv4 or IPv6 address with its port, as the kernel takes it. */
struct SocketAddress {
  union {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
  };

  SocketAddress() : v6{} {}

  /** `address` has 4 or 16 bytes. */
  static SocketAddress of(Bytes address, uint16_t port) {
    SocketAddress result;
    if (address.size() == 4) {
      result.v4.sin_family = AF_INET;
      result.v4.sin_port = htons(port);
      memcpy(&result.v4.sin_addr, address.data(), 4);
    } else {
      result.v6.sin6_family = AF_INET6;
      result.v6.sin6_port = htons(port);
      memcpy(&result.v6.sin6_addr, address.data(), 16);
    }
    return result;
  }

  /** False for one that was never given. */
  bool isSet() const { return any.sa_family != AF_UNSPEC; }
  /** Whether it is no address in particular (0.0.0.0, ::). */
  bool isAny() const {
    const Bytes bytes = address();
    return std::ranges::all_of(bytes, [](uint8_t byte) { return byte == 0; });
  }
  bool sameAddress(const SocketAddress& other) const {
    return any.sa_family == other.any.sa_family &&
           memcmp(address().data(), other.address().data(), address().size()) == 0;
  }

  bool isV4() const { return any.sa_family == AF_INET; }
  socklen_t length() const { return isV4() ? sizeof v4 : sizeof v6; }
  uint16_t port() const { return ntohs(isV4() ? v4.sin_port : v6.sin6_port); }
  Bytes address() const {
    if (isV4()) return {reinterpret_cast<const uint8_t*>(&v4.sin_addr), 4};
    return {reinterpret_cast<const uint8_t*>(&v6.sin6_addr), 16};
  }

  bool operator==(const SocketAddress& other) const { return port() == other.port() && sameAddress(other); }

  /** A key of this address as seen by one of our ports. */
  FlatKey keyAt(uint32_t localPort) const {
    const Bytes bytes = address();
    const uint64_t tail = uint64_t{localPort} << 32 | uint64_t{port()} << 8 | (isV4() ? 4u : 6u);
    if (isV4()) return {load32(bytes.data()), 0, tail};
    return {load64(bytes.data()), load64(bytes.data() + 8), tail};
  }
};

}  // namespace causeway
