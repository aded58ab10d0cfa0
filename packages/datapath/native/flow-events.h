#pragma once

#include "datapath-state.h"

namespace causeway {

/** Tells of authentication failures and replays since the last time. */
void raiseRejected(DatapathState& state, Flow& flow, int64_t now);

/** Charges a key with what a batch carried, and tells of the limits that this passed. */
void chargeKey(DatapathState& state, const Flow& flow, FlowKey& key, uint64_t packets, uint64_t bytes);

/** Tells that ESP came for an SPI that no flow has; at most once a second. */
void raiseUnknownSpi(DatapathState& state, uint32_t port, const SocketAddress& remote,
                     const SocketAddress& local, uint32_t spi);

}  // namespace causeway
