#include "compression-framing.h"

namespace causeway {

namespace {

constexpr uint8_t kLzoUncompressed = 0xfa;
constexpr uint8_t kStubUncompressed = 0xfb;
constexpr uint8_t kV2Indicator = 0x50;
constexpr uint8_t kV2Uncompressed = 0x00;

}  // namespace

size_t framingLength(Compression compression, Bytes payload) {
  switch (compression) {
    case Compression::kNone: return 0;
    case Compression::kLzoStub:
    case Compression::kStub: return 1;
    case Compression::kStubV2: return !payload.empty() && payload[0] == kV2Indicator ? 2 : 0;
  }
  return 0;
}

FramedPayload::FramedPayload(Compression compression, MutableBytes payload)
    : payload_(payload), framed_(payload) {
  const size_t added = payload.empty() ? 0 : framingLength(compression, payload);
  if (added == 0) return;
  uint8_t* p = payload.data();
  if (compression == Compression::kStub) {
    swapped_ = true;
    first_ = p[0];
    after_ = p[payload.size()];
    p[payload.size()] = first_;
    p[0] = kStubUncompressed;
    framed_ = {p, payload.size() + 1};
    return;
  }
  framed_ = {p - added, payload.size() + added};
  framed_[0] = compression == Compression::kLzoStub ? kLzoUncompressed : kV2Indicator;
  if (added == 2) framed_[1] = kV2Uncompressed;
}

FramedPayload::~FramedPayload() {
  if (!swapped_) return;
  payload_[0] = first_;
  payload_.data()[payload_.size()] = after_;
}

bool unframe(Compression compression, MutableBytes& payload) {
  if (payload.empty()) return false;
  switch (compression) {
    case Compression::kNone: return true;
    case Compression::kLzoStub:
      if (payload[0] != kLzoUncompressed) return false;
      payload = payload.subspan(1);
      return !payload.empty();
    case Compression::kStub:
      if (payload[0] != kStubUncompressed || payload.size() < 2) return false;
      payload[0] = payload.back();
      payload = payload.first(payload.size() - 1);
      return true;
    case Compression::kStubV2:
      if (payload[0] != kV2Indicator) return true;
      if (payload.size() < 3 || payload[1] != kV2Uncompressed) return false;
      payload = payload.subspan(2);
      return true;
  }
  return false;
}

}  // namespace causeway
