#pragma once

#include <mutex>
#include <optional>
#include <unordered_map>

#include "nat-rules.h"

namespace causeway {

/** Which rules a session is of. */
enum class NatSide : uint8_t { kEgress, kIngress };

/** One end of a conversation, with the other as it is on the far side of the translation. */
struct NatKey {
  AddressValue address;
  AddressValue far;
  uint16_t port;
  /** Of an ICMP query 0. */
  uint16_t farPort;
  uint8_t version;
  uint8_t protocol;
  NatSide side;

  bool operator==(const NatKey&) const = default;
};

/** A packet that looks for its session. */
struct NatUse {
  int64_t now;
  /** 0 for other protocols. */
  uint8_t tcpFlags;
  /** It is of the session itself, not about it. */
  bool own;
};

/** What a packet from the internal side may begin a session by. */
struct NatBeginning {
  const NatRule& rule;
  /** All rules of the side: what a static one has is not given away. */
  const NatRuleList& rules;
};

/**
 * What dynamic rules remember: conversations by both their ends, so that only who was spoken to is heard (RFC 4787
 * §5, address and port-dependent filtering). Bounded: when it is full, or a rule has no port left, one gives way
 * of the hosts that have most. All threads share it.
 */
class NatSessions {
 public:
  /** RFC 5382 REQ-5, RFC 4787 REQ-5, RFC 5508 REQ-1. */
  static constexpr int64_t kTcpMilliseconds = 7440'000;
  static constexpr int64_t kTcpTransitoryMilliseconds = 240'000;
  static constexpr int64_t kUdpMilliseconds = 300'000;
  static constexpr int64_t kIcmpMilliseconds = 60'000;

  /** Ours. */
  static constexpr size_t kMost = 32768;

  explicit NatSessions(size_t most = kMost);

  /** What an internal end is outside. `beginning`: null where none may begin. */
  std::optional<NatEnd> toExternal(const NatKey& internal, const NatUse& use, const NatBeginning* beginning);
  /** Whose an external end is. */
  std::optional<NatEnd> toInternal(const NatKey& external, const NatUse& use);
  /** Ends the sessions of rules that are no more. */
  void keep(const NatRules& rules);
  size_t size() const;

 private:
  struct Session {
    NatKey internal;
    NatEnd external;
    uint32_t rule;
    int64_t usedAt;
    bool live = false;
    // TCP.
    bool answered = false;
    bool established = false;
    bool reset = false;
    bool endedByInternal = false;
    bool endedByExternal = false;

    NatKey externalKey() const;
    int64_t lifetime() const;
    bool isOver(int64_t now) const { return now - usedAt > lifetime(); }
  };

  /** Strangers choose what is hashed. */
  struct Hash {
    uint64_t seeds[2];
    size_t operator()(const NatKey& key) const;
  };

  /** Who has sessions. */
  NatKey hostOf(const NatKey& internal) const;
  size_t held(const Session& session) const;
  bool givesWayBefore(const Session& a, const Session& b) const;
  std::optional<NatEnd> begin(const NatKey& internal, const NatUse& use, const NatBeginning& beginning);
  std::optional<NatEnd> findExternal(const NatKey& internal, int64_t now, const NatBeginning& beginning);
  uint32_t place(int64_t now);
  void sweep(int64_t now);
  void remove(uint32_t index);
  uint64_t random();

  const size_t most_;
  mutable std::mutex mutex_;
  Hash hash_;
  uint64_t random_;
  std::vector<Session> sessions_;
  std::vector<uint32_t> free_;
  uint32_t sweepAt_ = 0;
  std::unordered_map<NatKey, uint32_t, Hash> byInternal_;
  std::unordered_map<NatKey, uint32_t, Hash> byExternal_;
  std::unordered_map<NatKey, uint32_t, Hash> hosts_;
};

}  // namespace causeway
