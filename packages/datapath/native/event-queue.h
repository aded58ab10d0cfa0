#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <vector>

#include "socket-address.h"

namespace causeway {

enum class EventType : uint8_t {
  kDatagram,
  kControl,
  kStreamOutput,
  kStreamFault,
  kStreamEnded,
  kFloat,
  kInband,
  kIdle,
  kSoftLimit,
  kHardLimit,
  kUnknownSpi,
  kRejected,
};

/** What goes up to JavaScript; which members count depends on the type. */
struct Event {
  EventType type;
  /** Port, stream or flow. */
  uint32_t id = 0;
  /** The port of a float. */
  uint32_t port = 0;
  /** Of a limit; the SPI that nobody has. */
  uint32_t keyId = 0;
  uint64_t authenticationFailures = 0;
  uint64_t replays = 0;
  SocketAddress remote = {};
  /** Ours, that it was sent to. */
  SocketAddress local = {};
  /** Packet or payload; the reason of a fault, in ASCII. */
  std::vector<uint8_t> bytes = {};
};

/** Events from all threads, in order, taken in batches. What a peer can cause at will is bounded. */
class EventQueue {
 public:
  /** `wake` is called, from any thread, when the queue stops being empty. */
  explicit EventQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  void put(Event event);
  /** Counts a packet that was not put. */
  void drop() { overflow_.fetch_add(1, std::memory_order_relaxed); }
  /** Takes all that wait. */
  std::vector<Event> take();
  /** Packets and payloads dropped because too many waited. */
  uint64_t overflow() const { return overflow_.load(std::memory_order_relaxed); }

 private:
  /** Packets that may wait, and their bytes. Ours. */
  static constexpr size_t kMostPackets = 4096;
  static constexpr size_t kMostBytes = 8 << 20;

  std::function<void()> wake_;
  std::mutex mutex_;
  std::vector<Event> waiting_;
  size_t packets_ = 0;
  size_t bytes_ = 0;
  std::atomic<uint64_t> overflow_{0};
};

}  // namespace causeway
