#include "acknowledgement.h"

#include "ip-packet.h"

namespace causeway {

namespace {

constexpr size_t kFlags = 13;
constexpr uint8_t kOptionNop = 1;
constexpr uint8_t kOptionSack = 5;
constexpr uint8_t kOptionTimestamps = 8;
constexpr size_t kTimestampsLength = 10;
constexpr size_t kBlockLength = 8;

bool isBefore(uint32_t a, uint32_t b) { return static_cast<int32_t>(a - b) < 0; }

bool parseBlocks(Bytes option, Acknowledgement& parsed) {
  if (parsed.blockCount > 0 || option.size() % kBlockLength != 2) return false;
  for (Bytes rest = option.subspan(2); !rest.empty(); rest = rest.subspan(kBlockLength)) {
    if (parsed.blockCount == Acknowledgement::kMostBlocks) return false;
    parsed.blocks[parsed.blockCount++] = {load32(rest.data()), load32(rest.data() + 4)};
  }
  return true;
}

bool covers(const Acknowledgement& next, const Acknowledgement::Block& block) {
  if (!isBefore(next.number, block.end)) return true;
  for (int i = 0; i < next.blockCount; i++) {
    if (!isBefore(block.start, next.blocks[i].start) && !isBefore(next.blocks[i].end, block.end)) return true;
  }
  return false;
}

uint32_t blockBytes(const Acknowledgement& of) {
  uint32_t sum = 0;
  for (int i = 0; i < of.blockCount; i++) sum += of.blocks[i].end - of.blocks[i].start;
  return sum;
}

}  // namespace

bool parseAcknowledgement(Bytes segment, Acknowledgement& parsed) {
  parsed = {};
  if (segment.size() < kTcpHeaderLength || segment[kFlags] != kTcpAck) return false;
  if (segment.size() != (segment[12] >> 4) * 4u) return false;
  parsed.number = load32(segment.data() + 8);
  for (Bytes options = segment.subspan(kTcpHeaderLength); !options.empty();) {
    if (options[0] == kOptionNop) {
      options = options.subspan(1);
      continue;
    }
    const size_t length = options.size() > 1 ? options[1] : 0;
    if (length < 2 || length > options.size()) return false;
    if (options[0] == kOptionTimestamps && length == kTimestampsLength) parsed.timestamps = true;
    else if (options[0] != kOptionSack || !parseBlocks(options.first(length), parsed)) return false;
    options = options.subspan(length);
  }
  return true;
}

bool supersedes(const Acknowledgement& next, const Acknowledgement& held) {
  if (isBefore(next.number, held.number) || next.timestamps != held.timestamps) return false;
  for (int i = 0; i < held.blockCount; i++) {
    if (!isBefore(held.number, held.blocks[i].start) || !covers(next, held.blocks[i])) return false;
  }
  return next.number != held.number || blockBytes(next) > blockBytes(held);
}

}  // namespace causeway
