#include "sstp-format.h"

namespace causeway {

namespace {

/** PPP in HDLC-like framing (RFC 1662 §3.1): "all stations", "unnumbered information". */
constexpr uint8_t kAllStations = 0xff;
constexpr uint8_t kUnnumberedInformation = 0x03;

}  // namespace

std::string sstpFault(const uint8_t* head) {
  if (head[0] != kSstpVersion) return "an SSTP packet of version " + std::to_string(head[0]) + ", not 16";
  return "an SSTP packet of " + std::to_string(load16(head + 2) & 0x0fff) + " bytes, less than its header";
}

PppFrame readPppFrame(MutableBytes frame) {
  if (frame.size() >= 2 && frame[0] == kAllStations && frame[1] == kUnnumberedInformation)
    frame = frame.subspan(2);
  if (frame.empty()) return {0, frame};
  // RFC 1661 §2: the last octet of a protocol number is odd, those before it are even.
  if (frame[0] & 1) return {frame[0], frame.subspan(1)};
  if (frame.size() < 2 || (frame[1] & 1) == 0) return {0, frame};
  return {load16(frame.data()), frame.subspan(2)};
}

SstpDataHeader::SstpDataHeader(bool compressAddressControl, bool compressProtocol) {
  bytes_[0] = kSstpVersion;
  length_ = kSstpHeaderLength;
  if (!compressAddressControl) {
    bytes_[length_++] = kAllStations;
    bytes_[length_++] = kUnnumberedInformation;
  }
  // The last byte is the protocol; the one before it, where it stands, is zero for both.
  length_ = static_cast<uint8_t>(length_ + (compressProtocol ? 1 : 2));
}

void SstpDataHeader::write(uint8_t version, size_t payload, uint8_t* out) const {
  memcpy(out, bytes_, length_);
  store16(out + 2, static_cast<uint16_t>(length_ + payload));
  out[length_ - 1] = version == 4 ? kPppIpv4 : kPppIpv6;
}

}  // namespace causeway
