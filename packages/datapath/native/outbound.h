#pragma once

#include <memory>

#include "datapath-state.h"
#include "segment.h"
#include "send-batch.h"
#include "too-big.h"

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
  /** A whole packet in such memory too, of flow `from` or, when that is null, of our own. */
  void sendInner(Flow* from, Flow& to, MutableBytes packet, const IpPacket& header);
  /** A payload that is no inner packet: a ping, or an in-band message. */
  void sendPayload(Flow& flow, Bytes payload);
  /** Sends what was gathered. To be called before the batch ends. */
  void flush() { batch_.flush(); }

 private:
  /** An inner packet as it came; what selectors look at is the same for all segments of one read. */
  struct InnerPacket {
    /** The flow that it came from; null: the host. */
    Flow* from;
    Bytes bytes;
    const IpPacket& header;
  };

  /** Word for the sender of the first packet of a read that is too big, with room around it for sealing. */
  struct TooBigMessage {
    uint8_t memory[kSealHeadroom + kLongestTooBig + kSealTailroom];
    size_t length = 0;
  };

  /** What it takes to send on a flow now; loaded once for all packets of one read. */
  struct Route {
    Flow& flow;
    FlowPath* path;
    FlowKey* key;
    DataHeader header;
    /** Absent for what is no inner packet. */
    const InnerPacket* inner;
    TooBigMessage& tooBig;
    /** Null where addresses stay. */
    Nat* nat = nullptr;
    /** The key's selectors do not hold it. */
    bool mismatch = false;
    /** On a stream: milliseconds, and what was put on it, which is counted once. */
    int64_t now = 0;
    uint64_t packets = 0;
    uint64_t bytes = 0;

    KeySlot& slot() const { return static_cast<KeySlot&>(*key); }
    EspSa& sa() const { return static_cast<EspSa&>(*key); }
  };

  static bool mayCarry(Route& route);
  bool translate(Route& route, MutableBytes packet);
  void translateBack(Nat& nat, TooBigMessage& message);
  void sendFitting(Route& route, MutableBytes packet);
  void sendOne(Route& route, MutableBytes packet);
  void sendFragments(Route& route, MutableBytes packet);
  void refuseTooBig(Route& route, Bytes packet, uint32_t mtu);
  void answer(Flow* to, MutableBytes message);
  void sendDatagram(Route& route, MutableBytes payload);
  size_t seal(Route& route, MutableBytes payload, uint8_t*& place);
  void putOnStream(Route& route, MutableBytes payload);
  size_t frameSstp(Route& route, Bytes payload);
  size_t frameOpenVpn(Route& route, MutableBytes payload);
  void countStream(Route& route);
  template <typename Packets>
  void sendAll(Flow& flow, const InnerPacket* inner, Packets&& packets);

  DatapathState& state_;
  size_t lane_;
  RandomPool random_;
  SendBatch batch_;
  Segmenter segmenter_;
  std::unique_ptr<uint8_t[]> scratch_;
};

}  // namespace causeway
