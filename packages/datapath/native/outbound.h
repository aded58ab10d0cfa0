#pragma once

#include <memory>

#include "datapath-state.h"
#include "segment.h"
#include "send-batch.h"

namespace causeway {

/**
 * The way out: inner packets are cut to size, sealed with their flow's key and put on its path. One per
 * thread.
 */
class Outbound {
 public:
  Outbound(DatapathState& state, size_t lane);

  /** A packet from the TUN device, in memory with `kSealHeadroom` before and `kSealTailroom` after it. */
  void sendFromHost(MutableBytes packet, const VirtioHeader& header);
  /** A whole packet of another flow, in such memory too. */
  void sendInner(Flow& flow, MutableBytes packet);
  /** A payload that is no inner packet: a ping, or an in-band message. */
  void sendPayload(Flow& flow, Bytes payload);
  /** Sends what was gathered. To be called before the batch ends. */
  void flush() { batch_.flush(); }

 private:
  /** What it takes to send on a flow now; loaded once for all packets of one read. */
  struct Route {
    Flow& flow;
    FlowPath* path;
    KeySlot* slot;
    DataHeader header;
    bool inner;
  };

  void sendDatagram(Route& route, MutableBytes payload);
  void putOnStream(Route& route, MutableBytes payload);
  template <typename Packets>
  void sendAll(Flow& flow, bool inner, Packets&& packets);

  DatapathState& state_;
  size_t lane_;
  RandomPool random_;
  SendBatch batch_;
  Segmenter segmenter_;
  std::unique_ptr<uint8_t[]> scratch_;
};

}  // namespace causeway
