#include "message-control.h"

#include <netinet/udp.h>

namespace causeway {

ReceiveControl readControl(msghdr& message) {
  ReceiveControl control;
  constexpr uint8_t kEcn = 3;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    const uint8_t* data = CMSG_DATA(header);
    if (header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO) {
      int size;
      memcpy(&size, data, sizeof size);
      if (size > 0) control.segmentSize = static_cast<size_t>(size);
    } else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      control.local = SocketAddress::of({data + offsetof(in_pktinfo, ipi_addr), 4}, 0);
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
      control.local = SocketAddress::of({data + offsetof(in6_pktinfo, ipi6_addr), 16}, 0);
    } else if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_TOS) {
      control.ecn = data[0] & kEcn;
    } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_TCLASS) {
      // An int in the machine's order, whose low byte comes first.
      control.ecn = data[0] & kEcn;
    }
  }
  return control;
}

void SendControl::addSegmentSize(msghdr& message, uint32_t size) {
  const uint16_t value = static_cast<uint16_t>(size);
  memcpy(add(message, SOL_UDP, UDP_SEGMENT, sizeof value), &value, sizeof value);
}

void SendControl::addSource(msghdr& message, const SocketAddress& local) {
  if (local.isV4()) {
    in_pktinfo info{};
    info.ipi_spec_dst = local.v4.sin_addr;
    memcpy(add(message, IPPROTO_IP, IP_PKTINFO, sizeof info), &info, sizeof info);
  } else {
    in6_pktinfo info{};
    info.ipi6_addr = local.v6.sin6_addr;
    memcpy(add(message, IPPROTO_IPV6, IPV6_PKTINFO, sizeof info), &info, sizeof info);
  }
}

void SendControl::addEcn(msghdr& message, uint8_t ecn) {
  const int value = ecn;
  const bool v4 = static_cast<const sockaddr*>(message.msg_name)->sa_family == AF_INET;
  uint8_t* place = v4 ? add(message, IPPROTO_IP, IP_TOS, sizeof value)
                      : add(message, IPPROTO_IPV6, IPV6_TCLASS, sizeof value);
  memcpy(place, &value, sizeof value);
}

uint8_t* SendControl::add(msghdr& message, int level, int type, size_t length) {
  uint8_t* place = bytes_ + message.msg_controllen;
  const cmsghdr header{.cmsg_len = CMSG_LEN(length), .cmsg_level = level, .cmsg_type = type};
  memcpy(place, &header, sizeof header);
  message.msg_control = bytes_;
  message.msg_controllen += CMSG_SPACE(length);
  return place + CMSG_LEN(0);
}

}  // namespace causeway
