#pragma once

#include <algorithm>
#include <vector>

#include "traffic-selector.h"

namespace causeway {

/** An address with the port behind it; of an ICMP query its identifier, of other protocols 0. */
struct NatEnd {
  AddressValue address = 0;
  uint16_t port = 0;

  bool operator==(const NatEnd&) const = default;
};

/** The addresses at one side of a rule. Both ends of each range belong to it. */
struct NatAddresses {
  AddressValue first;
  AddressValue last;
  /** Whether it is for these ports alone. */
  bool ported;
  uint16_t firstPort;
  uint16_t lastPort;

  bool operator==(const NatAddresses&) const = default;
  bool holdsAddress(AddressValue address) const { return address >= first && address <= last; }
  bool holdsPort(uint16_t port) const { return !ported || (port >= firstPort && port <= lastPort); }
};

/**
 * `internal` is known as `external` on the other side. Static: address for address, and port for port. Dynamic: any
 * for any, as `NatSessions` remembers it.
 */
struct NatRule {
  bool dynamic;
  /** 4 or 6. */
  uint8_t version;
  NatAddresses internal;
  NatAddresses external;
  /** What sessions know it by; the same for as long as the rule is. */
  uint32_t id = 0;

  bool sameAs(const NatRule& other) const {
    return dynamic == other.dynamic && version == other.version && internal == other.internal &&
           external == other.external;
  }
  /** Addresses decide, of every packet. */
  bool isPlain() const { return !dynamic && !internal.ported; }
};

/** Rules in order: the first that fits translates. */
using NatRuleList = std::vector<NatRule>;

struct NatRules {
  /** Of our networks, as the peer knows them. */
  NatRuleList egress;
  /** Of the peer's networks, as they are known inside. */
  NatRuleList ingress;

  /** A packet needs no other to be translated. */
  bool arePlain() const {
    return std::ranges::all_of(egress, &NatRule::isPlain) && std::ranges::all_of(ingress, &NatRule::isPlain);
  }
};

}  // namespace causeway
