#pragma once

#include <memory>

#include "coalesce.h"
#include "outbound.h"
#include "receive-pace.h"

namespace causeway {

/**
 * The way in: datagrams and frames are opened with their flow's key, judged (replay, inner source,
 * destination) and handed to the TUN device, merged where they can be, or to another flow. One per thread.
 */
class Inbound final : public PacketSink {
 public:
  Inbound(DatapathState& state, size_t lane, Outbound& outbound);
  ~Inbound();

  /**
   * Takes what a socket holds, up to one batch, and gives how many datagrams came singly, not put together by
   * the kernel. The caller flushes.
   */
  int receive(const UdpPort& port);
  /** One frame of OpenVPN from a stream. The caller flushes after the last of a chunk. */
  void receiveFrame(Stream& stream, Bytes frame);
  /**
   * One packet of SSTP from a stream. `stays`: it is in memory of our own, with room around it for sealing,
   * until the caller flushes. True when it went up as a control packet.
   */
  bool receiveSstp(Stream& stream, MutableBytes packet, bool stays);
  /** Hands over all that is held; to be called before the batch ends. */
  void flush();

  void write(const iovec* parts, int count) override;

 private:
  static constexpr size_t kMessages = ReceivePace::kFullBatch;
  static constexpr size_t kMessageBytes = 65536;

  /** What recvmmsg needs for one message. */
  struct Slot;

  /** Where a packet came from: `port` is null for a stream. */
  struct Origin {
    const UdpPort* port;
    const SocketAddress* remote;
    const SocketAddress* local;
    const Stream* stream;
    /** Congestion notification of its outer header. */
    uint8_t ecn;
  };

  /** What was found for the last inner packet's addresses; good for one batch. */
  struct Verdict {
    const FlowKey* from = nullptr;
    uint8_t version = 0;
    uint8_t addresses[32];
    /** By the routes. */
    bool sourceHolds = false;
    /** By the selectors, where addresses decide. */
    bool selectorsHold = true;
    /** Selectors that are to be asked for every packet. */
    const Selectors* selectors = nullptr;
    /** Where the flow is limited; to be asked for every packet. */
    const Reach* reach = nullptr;
    /** Null: to the host. */
    Flow* to = nullptr;
  };

  uint8_t* scratch(size_t length);
  void receiveMessage(const Origin& origin, MutableBytes message, size_t segmentSize);
  void receiveDatagram(const Origin& origin, MutableBytes packet);
  void receivePacket(const Origin& origin, MutableBytes packet, uint8_t* out);
  void receiveEncapsulated(const Origin& origin, MutableBytes packet);
  void receiveRaw(const Origin& origin, MutableBytes packet);
  void receiveEsp(const Origin& origin, MutableBytes packet);
  void raisePacket(const Origin& origin, Bytes packet);
  Flow* flowOf(const Origin& origin, Bytes packet);
  void open(Flow& flow, const Origin& origin, MutableBytes packet, uint8_t* out);
  bool pass(Flow& flow, FlowKey& key, const Origin& origin, const Opened& opened);
  void countMalformed() { state_.malformed.fetch_add(1, std::memory_order_relaxed); }
  void countUnknown() { state_.unknownFlow.fetch_add(1, std::memory_order_relaxed); }
  void reject(Flow& flow, Opened::Status status);
  void noticeFloat(Flow& flow, FlowKey& key, const Origin& origin);
  void receivePayload(Flow& flow, MutableBytes payload);
  void receiveInner(Flow& flow, MutableBytes bytes, const IpPacket& packet);
  bool translate(Flow& flow, MutableBytes bytes, const IpPacket& packet);
  const Verdict& judge(Flow& flow, Bytes bytes, const IpPacket& packet);
  void hold(Flow& flow, FlowKey& key);
  void release();
  void settle();
  void countCarried();

  DatapathState& state_;
  size_t lane_;
  Outbound& outbound_;
  Coalescer coalescer_;
  /** Messages as they come; for the JavaScript thread, room for opened frames. */
  std::unique_ptr<uint8_t[]> buffer_;
  std::unique_ptr<Slot[]> slots_;
  std::unique_ptr<mmsghdr[]> messages_;
  size_t scratchUsed_ = 0;
  const TunDevice* tun_ = nullptr;
  int64_t now_ = 0;

  /** The flow whose receiving lock is held, and what was counted for it meanwhile. */
  Flow* held_ = nullptr;
  FlowKey* heldKey_ = nullptr;
  /** Null where its addresses stay. */
  Nat* heldNat_ = nullptr;
  uint64_t keyPackets_ = 0;
  uint64_t keyBytes_ = 0;
  uint64_t packets_ = 0;
  uint64_t bytes_ = 0;
  Verdict verdict_;
};

}  // namespace causeway
