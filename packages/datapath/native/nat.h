#pragma once

#include <atomic>
#include <memory>

#include "nat-fragments.h"
#include "nat-sessions.h"
#include "upper-layer.h"

namespace causeway {

struct NatTuple;

/** Which way a packet goes: out to the peer, or in from it. */
enum class NatDirection : uint8_t { kOut, kIn };

/**
 * Network address translation between a peer and the inside. What goes out has its source translated by the egress
 * rules and its destination, back, by the ingress rules; what comes in the other way round. Addresses of a packet that
 * no rule has stay; but who is translated is not reached under the internal address.
 */
class Nat {
 public:
  explicit Nat(NatRules rules, size_t mostSessions = NatSessions::kMost);
  ~Nat() { delete published_.load(); }

  /**
   * Translates a whole packet in place; its length stays. `header` is of these bytes. False: it is to be dropped, and
   * may be half changed.
   */
  bool translate(MutableBytes packet, const IpPacket& header, NatDirection direction, int64_t now);

  /** Other rules; the caller frees the old ones when nobody reads them any more. */
  std::unique_ptr<const NatRules> change(NatRules rules);

  size_t sessions() const { return sessions_.size(); }

 private:
  /** One packet on its way through. */
  struct Passage;

  void number(NatRules& rules, const NatRules* before);
  bool translateLater(const Passage& passage);
  bool translateReport(const Passage& passage);
  bool resolve(const Passage& passage, NatTuple& tuple, bool own);
  bool toInternal(const Passage& passage, const NatTuple& tuple, NatEnd& end, const NatEnd& far, bool own);
  bool toExternal(const Passage& passage, const NatTuple& tuple, NatEnd& end, const NatEnd& far, bool own);

  std::atomic<const NatRules*> published_{nullptr};
  uint32_t lastRule_ = 0;
  NatSessions sessions_;
  NatFragments fragments_;
};

}  // namespace causeway
