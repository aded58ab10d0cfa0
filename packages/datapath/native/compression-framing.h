#pragma once

#include "bytes.h"

namespace causeway {

/** The framing that compression leaves behind when it is never used. */
enum class Compression : uint8_t { kNone, kLzoStub, kStub, kStubV2 };

/** Bytes before and after a payload that framing may write to. */
constexpr size_t kFramingHeadroom = 2;
constexpr size_t kFramingTailroom = 1;

/** How much longer a payload becomes. */
size_t framingLength(Compression compression, Bytes payload);

/**
 * Puts the framing around a payload in place for the life of this object, then restores what it wrote over.
 *
 */
class FramedPayload {
 public:
  FramedPayload(Compression compression, MutableBytes payload);
  ~FramedPayload();
  FramedPayload(const FramedPayload&) = delete;
  FramedPayload& operator=(const FramedPayload&) = delete;

  MutableBytes bytes() const { return framed_; }

 private:
  MutableBytes payload_;
  MutableBytes framed_;
  bool swapped_ = false;
  uint8_t first_ = 0;
  uint8_t after_ = 0;
};

/** Takes the framing off in place. False when it says that the payload is compressed, or is unknown. */
bool unframe(Compression compression, MutableBytes& payload);

}  // namespace causeway
