#pragma once

#include "bytes.h"

namespace causeway {

/** A TCP segment that acknowledges and does nothing else: no data, no flag but ACK. */
struct Acknowledgement {
  static constexpr int kMostBlocks = 4;

  /** Sequence numbers, the end excluded. */
  struct Block {
    uint32_t start;
    uint32_t end;
  };

  uint32_t number;
  bool timestamps;
  int blockCount;
  /** What arrived out of order (SACK, RFC 2018). */
  Block blocks[kMostBlocks];
};

/** False for a segment that is more than an acknowledgement, or has options besides timestamps and SACK. */
bool parseAcknowledgement(Bytes segment, Acknowledgement& parsed);

/**
 * Whether `next` says all that `held` says and more, so that `held` need not be delivered when both are
 * there at once (RFC 3449 §5.2.3). Duplicates without SACK, which are counted as signs of loss, and reports
 * of duplicate data (RFC 2883) are never replaced. Both headers are of one connection and direction.
 */
bool supersedes(const Acknowledgement& next, const Acknowledgement& held);

}  // namespace causeway
