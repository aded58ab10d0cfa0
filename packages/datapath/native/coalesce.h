#pragma once

#include <sys/uio.h>

#include "bytes.h"
#include "ip-packet.h"
#include "virtio-header.h"

namespace causeway {

/** Takes packets as gathered parts, the first of which is the VirtioHeader. */
class PacketSink {
 public:
  virtual void write(const iovec* parts, int count) = 0;

 protected:
  ~PacketSink() = default;
};

/**
 * Merges in-order TCP segments and equal-size UDP datagrams of one inner flow into one large packet
 * (what the kernel calls GRO), so that one write to the TUN device carries up to 64 KB. Merges only
 * what the segmentation of the result gives back byte for byte. Of plain TCP acknowledgements that are
 * there at once only the last passes, where it says all that the others say. Everything else passes
 * through, in order within its inner flow. Copies no payload: it keeps pointers until `flush`.
 */
class Coalescer {
 public:
  explicit Coalescer(PacketSink& sink) : sink_(sink) {}

  /** Whether the kernel takes merged UDP datagrams (USO). */
  void allowUdp(bool allowed) { udpAllowed_ = allowed; }

  /**
   * Takes a packet of exactly `totalLength` bytes, which must stay in place until `flush`. Its header may be
   * changed.
   */
  void add(MutableBytes bytes, const IpPacket& packet);

  /** Writes everything that is held. */
  void flush();

 private:
  static constexpr int kGroups = 8;
  static constexpr int kMaxSegments = 64;

  struct Candidate {
    uint8_t* ip;
    size_t length;
    size_t headerLength;
    size_t payloadLength;
    const IpPacket* packet;
    uint64_t hash;
  };

  struct Group {
    uint64_t hash;
    uint8_t* ip;
    size_t total;
    size_t segmentSize;
    size_t headerLength;
    size_t transport;
    uint32_t nextSequence;
    uint32_t firstNumber;
    uint16_t nextId;
    uint8_t protocol;
    int segments;
    VirtioHeader virtio;
    iovec parts[1 + kMaxSegments];
  };

  bool describe(MutableBytes bytes, const IpPacket& packet, Candidate& candidate) const;
  Group* find(const Candidate& candidate);
  bool follows(const Group& group, const Candidate& candidate) const;
  bool replaces(const Group& group, const Candidate& candidate) const;
  void append(Group& group, const Candidate& candidate);
  void open(const Candidate& candidate);
  void finish(Group& group);
  void pass(MutableBytes bytes, uint8_t flags);

  PacketSink& sink_;
  bool udpAllowed_ = true;
  int open_ = 0;
  Group groups_[kGroups];
};

}  // namespace causeway
