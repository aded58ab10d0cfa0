#pragma once

#include <memory>

#include "datapath-state.h"
#include "message-control.h"

namespace causeway {

/**
 * Gathers sealed datagrams and sends them with as few system calls as possible: datagrams of one path
 * and size go as one large send that the kernel cuts up (UDP_SEGMENT), and several of those in one
 * sendmmsg. One per thread.
 */
class SendBatch {
 public:
  SendBatch(DatapathState& state, size_t lane);

  /** How a datagram is sent, and whom it is charged to. */
  struct Way {
    Flow& flow;
    FlowPath& path;
    FlowKey& key;
    /** Congestion notification of the outer header. */
    uint8_t ecn;
  };

  /** Room for a datagram of this length; may send what was gathered before. */
  uint8_t* reserve(size_t length);
  /**
   * Adds what was written to the room. `innerPackets` and `innerBytes` are what it counts for, 0 for a ping.
   *
   */
  void commit(const Way& way, size_t length, uint32_t innerPackets, uint32_t innerBytes);
  /** Sends all. Must be called before paths that were given may go away. */
  void flush();

 private:
  static constexpr size_t kCapacity = 192 * 1024;
  static constexpr size_t kMostRuns = 64;
  /** UDP_MAX_SEGMENTS of older kernels. */
  static constexpr uint32_t kMostSegments = 64;
  /** UDP payload of one send, IPv6 included. */
  static constexpr size_t kMostBytes = 65487;

  /** Datagrams of one way and size, but for the last, which may be shorter. */
  struct Run {
    Flow* flow;
    FlowPath* path;
    FlowKey* key;
    uint8_t ecn;
    size_t offset;
    size_t length;
    uint32_t segmentSize;
    uint32_t segments;
    uint32_t innerPackets;
    uint64_t innerBytes;
    bool ended;
  };

  bool extend(const Way& way, size_t length);
  void addControl(const Run& run, msghdr& message, SendControl& control) const;
  void account(const Run& run);
  size_t sendFrom(size_t first);
  void handleFailure(Run& run, int error);
  void sendSingly(Run& run);
  void drop(Run& run, uint32_t segments);
  bool segmentable(const Run& run) const;

  DatapathState& state_;
  size_t lane_;
  std::unique_ptr<uint8_t[]> buffer_;
  size_t used_ = 0;
  size_t runCount_ = 0;
  Run runs_[kMostRuns];
};

}  // namespace causeway
