#pragma once

#include <vector>

#include "bytes.h"
#include "file-descriptor.h"

namespace causeway {

/** For tests, the host's end of a TUN device made of a socket pair: speaks virtio headers like the kernel. */
class TestTun {
 public:
  /** Makes the pair; the datapath's end is to be taken. Errors: std::system_error. */
  TestTun();

  FileDescriptor takeDatapathEnd() { return std::move(datapath_); }
  void write(Bytes packet);
  /** What has come, cut into single packets as the kernel would. */
  std::vector<std::vector<uint8_t>> read();

 private:
  FileDescriptor datapath_;
  FileDescriptor host_;
};

}  // namespace causeway
