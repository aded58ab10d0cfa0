#include "esp-format.h"

namespace causeway {

EspTrailer::EspTrailer(MutableBytes packet, size_t alignment)
    : bytes_(packet.data(), packet.size() + espTrailerLength(packet.size(), alignment)),
      after_(packet.data() + packet.size()) {
  memcpy(saved_, after_, sizeof saved_);
  const size_t padding = bytes_.size() - packet.size() - kEspTrailerLength;
  for (size_t i = 0; i < padding; i++) after_[i] = static_cast<uint8_t>(i + 1);
  after_[padding] = static_cast<uint8_t>(padding);
  after_[padding + 1] = packet[0] >> 4 == 4 ? kNextHeaderIpv4 : kNextHeaderIpv6;
}

Opened stripEspTrailer(MutableBytes decrypted) {
  if (decrypted.size() < kEspTrailerLength) return unopened(Opened::Status::kRefused);
  const uint8_t nextHeader = decrypted.back();
  const size_t padding = decrypted[decrypted.size() - kEspTrailerLength];
  if (padding > decrypted.size() - kEspTrailerLength) return unopened(Opened::Status::kRefused);
  const size_t length = decrypted.size() - kEspTrailerLength - padding;
  if (nextHeader == kNextHeaderNone) return unopened(Opened::Status::kDummy);
  const uint8_t version = length > 0 ? decrypted[0] >> 4 : 0;
  const bool agrees =
      (nextHeader == kNextHeaderIpv4 && version == 4) || (nextHeader == kNextHeaderIpv6 && version == 6);
  if (!agrees) return unopened(Opened::Status::kRefused);
  return {Opened::Status::kPayload, false, decrypted.first(length)};
}

uint64_t guessSequence(const ReplayWindow& window, uint32_t low) {
  const uint64_t high = window.newest() >> 32;
  const uint32_t newest = static_cast<uint32_t>(window.newest());
  const uint32_t span = static_cast<uint32_t>(window.width() - 1);
  // May run below zero, into the 2^32 before: then the window spans two of them.
  const uint32_t oldest = newest - span;
  uint64_t guess = high;
  // Case A: what is below the window can only be of the next 2^32.
  if (newest >= span && low < oldest) guess++;
  // Case B: what is late, from the 2^32 before, if there was one.
  if (newest < span && low >= oldest && high > 0) guess--;
  return guess << 32 | low;
}

}  // namespace causeway
