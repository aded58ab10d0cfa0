#pragma once

#include <cstdint>

namespace causeway {

/**
 * struct virtio_net_hdr of the virtio specification §5.1.6, as a TUN device with IFF_VNET_HDR puts it first.
 *
 */
struct VirtioHeader {
  uint8_t flags;
  uint8_t gsoType;
  uint16_t headerLength;
  uint16_t gsoSize;
  uint16_t checksumStart;
  uint16_t checksumOffset;
};
static_assert(sizeof(VirtioHeader) == 10);

constexpr uint8_t kVirtioNeedsChecksum = 1;
constexpr uint8_t kVirtioDataValid = 2;

constexpr uint8_t kVirtioGsoNone = 0;
constexpr uint8_t kVirtioGsoTcp4 = 1;
constexpr uint8_t kVirtioGsoTcp6 = 4;
constexpr uint8_t kVirtioGsoUdp = 5;
/** Flag beside the type: the segments carry ECN's CWR. */
constexpr uint8_t kVirtioGsoEcn = 0x80;

}  // namespace causeway
