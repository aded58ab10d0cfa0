#pragma once

#include "datapath-state.h"
#include "outbound.h"

namespace causeway {

/** Pings, idle times and paced events of all flows, a slice at a time so that packets do not wait. */
class FlowTimers {
 public:
  FlowTimers(DatapathState& state, Outbound& outbound) : state_(state), outbound_(outbound) {}

  /** Begins a round over all flows. */
  void start();
  /** Looks after the next flows of the round; false when it is over. The caller flushes. */
  bool step();

 private:
  static constexpr size_t kSlice = 512;

  void check(Flow& flow, int64_t now);

  DatapathState& state_;
  Outbound& outbound_;
  size_t next_ = 0;
  bool running_ = false;
};

}  // namespace causeway
