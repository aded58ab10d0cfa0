#include "nat-sessions.h"

#include <sys/random.h>

#include "ip-packet.h"

namespace causeway {

namespace {

/** Ours: below are ports of services (RFC 6335 §6), which somebody may look for at the external address. */
constexpr uint16_t kFirstPort = 1024;
/** How many ports are tried at one address, and how many addresses. */
constexpr uint32_t kPortTries = 256;
constexpr uint32_t kAddressTries = 4;
/** Of how many sessions one is chosen that gives way. */
constexpr int kSamples = 16;
/** How many sessions are looked at, when one begins, whether they are over. */
constexpr int kSwept = 2;

uint64_t mixed(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

template <typename Value>
Value fromKernel() {
  Value value{};
  // Of up to 256 bytes it gives all at once, from when the machine has started.
  if (getrandom(&value, sizeof value, 0) != static_cast<ssize_t>(sizeof value)) abort();
  return value;
}

/** A static rule has this end for itself. */
bool isTaken(const NatRuleList& rules, const NatRule& by, const NatEnd& end) {
  return std::ranges::any_of(rules, [&](const NatRule& rule) {
    return !rule.dynamic && rule.version == by.version && rule.external.holdsAddress(end.address) &&
           rule.external.holdsPort(end.port);
  });
}

}  // namespace

NatKey NatSessions::Session::externalKey() const {
  NatKey key = internal;
  key.address = external.address;
  key.port = external.port;
  return key;
}

int64_t NatSessions::Session::lifetime() const {
  switch (internal.protocol) {
    case kProtocolTcp: {
      const bool open = established && !reset && !(endedByInternal && endedByExternal);
      return open ? kTcpMilliseconds : kTcpTransitoryMilliseconds;
    }
    case kProtocolUdp: return kUdpMilliseconds;
    default: return kIcmpMilliseconds;
  }
}

size_t NatSessions::Hash::operator()(const NatKey& key) const {
  const uint64_t rest = uint64_t{key.port} << 48 | uint64_t{key.farPort} << 32 | uint64_t{key.version} << 16 |
                        uint64_t{key.protocol} << 8 | static_cast<uint64_t>(key.side);
  uint64_t hash = mixed(static_cast<uint64_t>(key.address) ^ seeds[0],
                        static_cast<uint64_t>(key.address >> 64) ^ seeds[1]);
  hash = mixed(static_cast<uint64_t>(key.far) ^ hash ^ seeds[1],
               static_cast<uint64_t>(key.far >> 64) ^ seeds[0] ^ 0x9e3779b97f4a7c15);
  return mixed(hash ^ rest, seeds[0] ^ 0xd6e8feb86659fd93);
}

NatSessions::NatSessions(size_t most)
    : most_(most),
      hash_(fromKernel<Hash>()),
      random_(fromKernel<uint64_t>()),
      byInternal_(0, hash_),
      byExternal_(0, hash_),
      hosts_(0, hash_) {}

std::optional<NatEnd> NatSessions::toExternal(const NatKey& internal, const NatUse& use,
                                              const NatBeginning* beginning) {
  const std::lock_guard lock(mutex_);
  const auto found = byInternal_.find(internal);
  if (found != byInternal_.end()) {
    Session& session = sessions_[found->second];
    if (!session.isOver(use.now)) {
      if (!use.own) return session.external;
      session.usedAt = use.now;
      if (use.tcpFlags & kTcpSyn) session.answered = session.established = session.reset = false;
      if (use.tcpFlags & kTcpSyn) session.endedByInternal = session.endedByExternal = false;
      else session.established = session.established || session.answered;
      session.endedByInternal = session.endedByInternal || use.tcpFlags & kTcpFin;
      session.reset = session.reset || use.tcpFlags & kTcpRst;
      return session.external;
    }
    remove(found->second);
  }
  if (!beginning) return std::nullopt;
  return begin(internal, use, *beginning);
}

std::optional<NatEnd> NatSessions::toInternal(const NatKey& external, const NatUse& use) {
  const std::lock_guard lock(mutex_);
  const auto found = byExternal_.find(external);
  if (found == byExternal_.end()) return std::nullopt;
  Session& session = sessions_[found->second];
  const NatEnd internal{session.internal.address, session.internal.port};
  if (session.isOver(use.now)) {
    remove(found->second);
    return std::nullopt;
  }
  if (use.own) {
    session.usedAt = use.now;
    session.answered = true;
    session.endedByExternal = session.endedByExternal || use.tcpFlags & kTcpFin;
    session.reset = session.reset || use.tcpFlags & kTcpRst;
  }
  return internal;
}

void NatSessions::keep(const NatRules& rules) {
  const std::lock_guard lock(mutex_);
  const auto has = [](const NatRuleList& list, uint32_t id) {
    return std::ranges::any_of(list, [&](const NatRule& rule) { return rule.dynamic && rule.id == id; });
  };
  for (uint32_t i = 0; i < sessions_.size(); i++) {
    const uint32_t rule = sessions_[i].rule;
    if (sessions_[i].live && !has(rules.egress, rule) && !has(rules.ingress, rule)) remove(i);
  }
}

size_t NatSessions::size() const {
  const std::lock_guard lock(mutex_);
  return byInternal_.size();
}

NatKey NatSessions::hostOf(const NatKey& internal) const {
  return {internal.address, 0, 0, 0, internal.version, 0, internal.side};
}

size_t NatSessions::held(const Session& session) const { return hosts_.at(hostOf(session.internal)); }

/** Of the hosts that have most, what is no open connection, and what was idle longest. */
bool NatSessions::givesWayBefore(const Session& a, const Session& b) const {
  const size_t ofA = held(a), ofB = held(b);
  if (ofA != ofB) return ofA > ofB;
  const bool openA = a.lifetime() == kTcpMilliseconds, openB = b.lifetime() == kTcpMilliseconds;
  return openA != openB ? openB : a.usedAt < b.usedAt;
}

std::optional<NatEnd> NatSessions::begin(const NatKey& internal, const NatUse& use,
                                         const NatBeginning& beginning) {
  sweep(use.now);
  const std::optional<NatEnd> external = findExternal(internal, use.now, beginning);
  if (!external) return std::nullopt;
  const uint32_t index = place(use.now);
  Session& session = sessions_[index];
  session = {.internal = internal,
             .external = *external,
             .rule = beginning.rule.id,
             .usedAt = use.now,
             .live = true};
  byInternal_.emplace(internal, index);
  byExternal_.emplace(session.externalKey(), index);
  hosts_[hostOf(internal)]++;
  return external;
}

/** An external end that nobody has towards this far end. A host keeps its address (RFC 4787 REQ-2). */
std::optional<NatEnd> NatSessions::findExternal(const NatKey& internal, int64_t now,
                                                const NatBeginning& beginning) {
  const NatAddresses& pool = beginning.rule.external;
  const AddressValue addresses = pool.last - pool.first + 1;
  const uint64_t host = hash_(hostOf(internal));
  const uint16_t firstPort = pool.ported ? pool.firstPort : kFirstPort;
  const uint32_t ports = (pool.ported ? pool.lastPort : UINT16_MAX) - firstPort + 1u;
  std::optional<uint32_t> weakest;
  for (uint32_t n = 0; n < kAddressTries; n++) {
    // A pool of all addresses there are counts as none.
    const AddressValue offset = addresses == 0 ? host + n : (AddressValue{host} + n) % addresses;
    const uint32_t start = static_cast<uint32_t>(random() % ports);
    for (uint32_t i = 0; i < std::min(ports, kPortTries); i++) {
      const NatEnd end{pool.first + offset, static_cast<uint16_t>(firstPort + (start + i) % ports)};
      if (isTaken(beginning.rules, beginning.rule, end)) continue;
      NatKey key = internal;
      key.address = end.address;
      key.port = end.port;
      const auto found = byExternal_.find(key);
      if (found == byExternal_.end()) return end;
      const Session& session = sessions_[found->second];
      if (session.isOver(now)) {
        remove(found->second);
        return end;
      }
      if (!weakest || givesWayBefore(session, sessions_[*weakest])) weakest = found->second;
    }
    if (addresses != 0 && n + 1 >= addresses) break;
  }
  if (!weakest) return std::nullopt;
  const NatEnd end = sessions_[*weakest].external;
  const auto own = hosts_.find(hostOf(internal));
  if (own != hosts_.end() && own->second > held(sessions_[*weakest])) return std::nullopt;
  remove(*weakest);
  return end;
}

/** Room for another one. */
uint32_t NatSessions::place(int64_t now) {
  if (free_.empty() && sessions_.size() >= most_) {
    uint32_t weakest = static_cast<uint32_t>(random() % sessions_.size());
    for (int i = 1; i < kSamples && !sessions_[weakest].isOver(now); i++) {
      const uint32_t other = static_cast<uint32_t>(random() % sessions_.size());
      if (sessions_[other].isOver(now) || givesWayBefore(sessions_[other], sessions_[weakest])) weakest = other;
    }
    remove(weakest);
  }
  if (free_.empty()) {
    sessions_.emplace_back();
    return static_cast<uint32_t>(sessions_.size() - 1);
  }
  const uint32_t index = free_.back();
  free_.pop_back();
  return index;
}

void NatSessions::sweep(int64_t now) {
  for (int i = 0; i < kSwept && !sessions_.empty(); i++) {
    sweepAt_ = (sweepAt_ + 1) % static_cast<uint32_t>(sessions_.size());
    if (sessions_[sweepAt_].live && sessions_[sweepAt_].isOver(now)) remove(sweepAt_);
  }
}

void NatSessions::remove(uint32_t index) {
  Session& session = sessions_[index];
  byInternal_.erase(session.internal);
  byExternal_.erase(session.externalKey());
  const auto host = hosts_.find(hostOf(session.internal));
  if (--host->second == 0) hosts_.erase(host);
  session.live = false;
  free_.push_back(index);
}

/** SplitMix64 of a secret seed. */
uint64_t NatSessions::random() {
  uint64_t z = random_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace causeway
