#pragma once

#include <array>
#include <atomic>

#include "event-pace.h"
#include "grace.h"
#include "nat.h"
#include "openvpn-data.h"
#include "reach.h"
#include "socket-address.h"
#include "spi-table.h"
#include "sstp-format.h"
#include "stream.h"
#include "udp-port.h"

namespace causeway {

/**
 * Where a flow's packets go: a UDP port and address, or a stream; neither when that was closed. Immutable
 * but for what is learnt.
 */
struct FlowPath {
  UdpPort* port = nullptr;
  SocketAddress remote;
  /** Our address to send from, where the kernel is not to choose it. */
  SocketAddress local;
  Stream* stream = nullptr;
  /** Datagrams of this size or more were refused as segments of a larger send (past the path's MTU). */
  std::atomic<uint32_t> segmentLimit{UINT32_MAX};
};

enum Counter : uint8_t {
  kPacketsReceived,
  kBytesReceived,
  kPacketsSent,
  kBytesSent,
  kAuthenticationFailures,
  kReplays,
  kSourceViolations,
  kRefused,
  kSendDrops,
  kSelectorMismatchesReceived,
  kSelectorMismatchesSent,
  kNatDrops,
  kCounters,
};

/** Events about one flow come at most once in this many milliseconds. */
constexpr int64_t kEventInterval = 1000;
constexpr int64_t kNever = -kEventInterval;

enum class FlowProtocol : uint8_t { kOpenVpn, kEsp, kSstp };

/** Stands where other flows have a key, on those that need none. */
class NoKey final : public FlowKey {
 public:
  NoKey() : FlowKey(0, 0) {}
  LimitsPassed charge(uint64_t, uint64_t) override { return {}; }
};

/** One session's data channel. */
struct Flow {
  // Fixed from the start.
  uint32_t id = 0;
  FlowProtocol protocol = FlowProtocol::kOpenVpn;
  /** OpenVPN: opcode without key id, and the peer-id of P_DATA_V2. */
  DataHeader header{};
  /** SSTP: what stands before an inner packet. */
  SstpDataHeader sstpHeader;
  NoKey noKey;
  /** Its peer is a site, not a client. */
  bool site = false;
  uint16_t clampBytes = 0;
  /** Larger packets are fragmented, or refused with word to the host. */
  uint32_t innerMtu = UINT32_MAX;
  int64_t pingInterval = 0;
  int64_t idleTimeout = 0;

  // Published by the JavaScript thread, read by all.
  std::atomic<FlowPath*> path{nullptr};
  /** OpenVPN's keys by key id. Those of ESP are found by SPI. */
  std::array<std::atomic<KeySlot*>, 8> slots{};
  std::atomic<FlowKey*> sending{nullptr};
  /** Null: no limit. */
  std::atomic<const Reach*> reach{nullptr};
  /** Of the engine's; null: addresses stay as they are. */
  std::atomic<Nat*> nat{nullptr};

  std::array<std::atomic<uint64_t>, kCounters> counters{};
  std::atomic<int64_t> lastSent{0};
  std::atomic<int64_t> lastReceived{0};
  std::atomic<bool> idleRaised{false};
  /** Since the last `rejected` event. */
  std::atomic<uint64_t> rejectedFailures{0};
  std::atomic<uint64_t> rejectedReplays{0};
  std::atomic<int64_t> rejectedAt{kNever};
  /** Paces what the host is told of packets that are too big. */
  EventPace tooBig;

  /** Held while packets of this flow are opened; guards what follows and the keys' receiving state. */
  SpinLock receiving;
  uint32_t newestKey = 0;
  int64_t floatAt = kNever;

  // JavaScript thread only.
  uint32_t keysInstalled = 0;
  /** Installed SAs of ESP. */
  std::vector<std::unique_ptr<SpiEntry>> sas;
  /** Where it stands in the list of flows. */
  size_t listIndex = 0;

  ~Flow() {
    for (std::atomic<KeySlot*>& slot : slots) delete slot.load();
    delete path.load();
    delete reach.load();
  }

  bool isEsp() const { return protocol == FlowProtocol::kEsp; }
  bool isSstp() const { return protocol == FlowProtocol::kSstp; }
  bool isV2() const { return header.length == 4; }
  /** P_DATA_V1 says nothing of whose it is: its flow is found by its path. */
  bool isFoundByPath() const { return header.length == 1; }
  uint32_t peerId() const { return load32(header.bytes) & 0xffffff; }

  void count(Counter counter, uint64_t number = 1) {
    counters[counter].fetch_add(number, std::memory_order_relaxed);
  }

  /** The header of a packet sealed with this key. */
  DataHeader headerFor(uint8_t keyId) const {
    DataHeader own = header;
    own.bytes[0] |= keyId;
    return own;
  }
};

}  // namespace causeway
