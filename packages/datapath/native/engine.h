#pragma once

#include <map>

#include "inbound.h"
#include "worker.h"

namespace causeway {

/** Misuse that the caller is told of; `code` is the end of `ERR_DATAPATH_…`. */
struct Misuse {
  const char* code;
  std::string message;
};

/** A path as the caller names it. */
struct PathOptions {
  /** 0: by stream. */
  uint32_t port;
  SocketAddress remote;
  /** Not set: the kernel chooses. */
  SocketAddress local;
  uint32_t stream;
};

struct FlowSettings {
  FlowProtocol protocol;
  PathOptions path;
  bool v2;
  uint32_t peerId;
  uint16_t clampBytes;
  uint32_t innerMtu;
  int64_t pingIntervalSeconds;
  int64_t idleTimeoutSeconds;
  SstpDataHeader sstpHeader;
  bool site;
};

struct RouteSetting {
  /** 0: remove. */
  uint32_t flow;
  RouteKey route;
};

struct OutgoingPacket {
  SocketAddress remote;
  /** Not set: the kernel chooses. */
  SocketAddress local;
  Bytes bytes;
};

using FlowTotals = std::array<uint64_t, kCounters>;

/**
 * The datapath as the JavaScript thread sees it: owns ports, streams, flows and workers, and alone
 * changes the tables that workers read. Every call is from that one thread. Arguments are checked before.
 *
 * Errors: Misuse; std::system_error when a system call fails.
 */
class Engine final : private PumpOwner {
 public:
  Engine(size_t workers, std::function<void()> wake);
  ~Engine();

  std::string openTun(const std::string& name, int mtu);
  /** For tests: packets behind virtio headers through this end instead of a TUN device. */
  void openTestTun(FileDescriptor end);

  const UdpPort& openPort(const SocketAddress& address, PortProtocol protocol);
  void closePort(uint32_t port);
  void sendDatagrams(uint32_t port, std::span<const OutgoingPacket> packets);

  uint32_t openStream(Framing framing, bool recordPerPacket);
  void closeStream(uint32_t stream);
  /** Whether a stream may have TLS now. Errors: Misuse that says why not. */
  void requireNoTls(uint32_t stream) const;
  void attachTls(uint32_t stream, std::unique_ptr<TlsSession> tls);
  void endStream(uint32_t stream);
  /** Gives how many frames were complete. */
  int streamInput(uint32_t stream, Bytes chunk);
  void streamControl(uint32_t stream, std::span<const Bytes> packets);
  TakenOutput takeStreamOutput(uint32_t stream);
  /** Reads and writes the socket in the event loop from now on, by a duplicate of the descriptor. */
  void adoptSocket(uint32_t stream, int socket, uv_loop_t* loop);

  uint32_t openFlow(const FlowSettings& settings);
  void moveFlow(uint32_t flow, const PathOptions& path);
  /** Null: no limit. */
  void limitFlow(uint32_t flow, std::unique_ptr<const Reach> reach);
  uint32_t openNat(NatRules rules);
  void changeNat(uint32_t nat, NatRules rules);
  void closeNat(uint32_t nat);
  void translateFlow(uint32_t flow, std::optional<uint32_t> nat);
  FlowTotals closeFlow(uint32_t flow);
  FlowTotals counters(uint32_t flow) const;

  /** `options.sequence` is filled in here. */
  void installKey(uint32_t flow, KeySlotOptions& options);
  void installKey(uint32_t flow, EspSaOptions& options);
  void selectKey(uint32_t flow, uint32_t keyId);
  void removeKey(uint32_t flow, uint32_t keyId);
  /** For tests: the next packet id of a slot, or sequence number of an SA. */
  void setNextId(uint32_t flow, uint32_t keyId, uint64_t id);
  /**
   * For tests: moves the clock of timers and starts a round of them; gives how many rounds had ended before.
   */
  uint64_t advanceTestClock(int64_t milliseconds);
  void sendInband(uint32_t flow, Bytes payload);

  void changeRoutes(std::span<const RouteSetting> changes);
  /** Whether packets from flows of one kind may go to flows of another. */
  void setTransit(bool fromSite, bool toSite, bool on);

  /** Bytes a second of all flows together; 0: no limit. */
  void limitThroughput(uint64_t bytesPerSecond) { state_.throughput.set(bytesPerSecond); }

  const DatapathState& state() const { return state_; }
  std::vector<Event> takeEvents();

 private:
  int feed(Stream& stream, MutableBytes bytes, bool own);
  int openRecords(Stream& stream, Bytes records);
  void breakStream(Stream& stream, const std::string& reason);
  void wakeWriter(Stream& stream);
  TakenOutput takeFrom(Stream& stream, size_t most);
  int pumpInput(uint32_t stream, Bytes chunk) override;
  TakenOutput pumpOutput(uint32_t stream) override;
  void pumpEnded(uint32_t stream) override;
  bool writeByPump(const Event& event);
  Flow& flow(uint32_t id) const;
  Nat& nat(uint32_t id) const;
  Stream& stream(uint32_t id) const;
  UdpPort& port(uint32_t id) const;
  FlowKey& key(Flow& flow, uint32_t keyId) const;
  void requireFits(const Flow& flow, const FlowPath& path) const;
  void requireOf(const Flow& flow, FlowProtocol protocol, const char* code) const;
  std::unique_ptr<FlowPath> resolve(const PathOptions& options) const;
  void bind(Flow& flow, const FlowPath& path);
  void unbind(Flow& flow, const FlowPath& path);
  void publishPath(Flow& flow, std::unique_ptr<FlowPath> path);
  void retireSa(Flow& flow, SpiEntry& entry);
  void useTun(std::unique_ptr<TunDevice> tun);
  void detachPaths(const UdpPort* port, const Stream* stream);
  void requireNoTun() const;

  DatapathState state_;
  uint32_t lastId_ = 0;
  std::unique_ptr<TunDevice> tun_;
  std::map<uint32_t, std::unique_ptr<UdpPort>> ports_;
  std::unique_ptr<StreamPumps> pumps_;
  std::map<uint32_t, std::unique_ptr<Stream>> streams_;
  std::map<uint32_t, std::unique_ptr<Nat>> nats_;
  std::map<uint32_t, std::unique_ptr<Flow>> flows_;
  Outbound outbound_;
  Inbound inbound_;
  /** What is in records that came, with room around it; there once a stream has TLS. */
  std::unique_ptr<uint8_t[]> opened_;
  /** Last, so that threads end before what they use. */
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace causeway
