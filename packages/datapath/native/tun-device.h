#pragma once

#include <string>
#include <vector>

#include "file-descriptor.h"

namespace causeway {

/** A TUN device with virtio headers and offloads, one queue for each worker. */
class TunDevice {
 public:
  /** Creates the device or takes it over, sets its MTU and brings it up. Errors: std::system_error. */
  TunDevice(const std::string& name, int mtu, size_t queues);
  /** For tests: something else that reads and writes packets behind a virtio header. */
  explicit TunDevice(FileDescriptor end);

  const std::string& name() const { return name_; }
  size_t queues() const { return queues_.size(); }
  int queue(size_t worker) const { return queues_[worker % queues_.size()].get(); }
  /** Whether merged UDP datagrams may be written. */
  bool takesUdp() const { return takesUdp_; }

 private:
  std::string name_;
  std::vector<FileDescriptor> queues_;
  bool takesUdp_ = true;
};

}  // namespace causeway
