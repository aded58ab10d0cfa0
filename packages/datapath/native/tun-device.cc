#include "tun-device.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cstring>

namespace causeway {

namespace {

// From linux/if_tun.h of Linux 6.2, for machines with older headers.
constexpr unsigned kTunOffloadUso4 = 0x20;
constexpr unsigned kTunOffloadUso6 = 0x40;

/** Room for bursts of 64 KB packets; the default of 500 small packets is as good. Ours. */
constexpr int kQueueLength = 1000;

FileDescriptor openQueue(ifreq& request) {
  FileDescriptor fd(must(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC), "/dev/net/tun"));
  must(ioctl(fd.get(), TUNSETIFF, &request), "TUNSETIFF");
  return fd;
}

bool setOffloads(int fd) {
  const unsigned tcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
  if (ioctl(fd, TUNSETOFFLOAD, tcp | kTunOffloadUso4 | kTunOffloadUso6) == 0) return true;
  must(ioctl(fd, TUNSETOFFLOAD, tcp), "TUNSETOFFLOAD");
  return false;
}

}  // namespace

TunDevice::TunDevice(const std::string& name, int mtu, size_t queues) {
  ifreq request{};
  strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  request.ifr_flags = static_cast<short>(IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE);
  for (size_t i = 0; i < queues; i++) {
    queues_.push_back(openQueue(request));
    takesUdp_ = setOffloads(queues_[i].get()) && takesUdp_;
  }
  name_ = request.ifr_name;
  const FileDescriptor control(must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
  request.ifr_mtu = mtu;
  must(ioctl(control.get(), SIOCSIFMTU, &request), "SIOCSIFMTU");
  request.ifr_qlen = kQueueLength;
  must(ioctl(control.get(), SIOCSIFTXQLEN, &request), "SIOCSIFTXQLEN");
  must(ioctl(control.get(), SIOCGIFFLAGS, &request), "SIOCGIFFLAGS");
  request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
  must(ioctl(control.get(), SIOCSIFFLAGS, &request), "SIOCSIFFLAGS");
}

TunDevice::TunDevice(FileDescriptor end) : name_("test") { queues_.push_back(std::move(end)); }

}  // namespace causeway
