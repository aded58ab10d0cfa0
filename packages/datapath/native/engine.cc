#include "engine.h"

#include <algorithm>

#include "message-control.h"
#include "publish.h"

namespace causeway {

namespace {

const char* nameOf(FlowProtocol protocol) {
  switch (protocol) {
    case FlowProtocol::kOpenVpn: return "OpenVPN";
    case FlowProtocol::kEsp: return "ESP";
    case FlowProtocol::kSstp: return "SSTP";
  }
  return "";
}

template <typename Table>
auto& known(const Table& table, uint32_t id, const char* code, const char* noun) {
  const auto found = table.find(id);
  if (found == table.end()) throw Misuse{code, std::string("there is no ") + noun + " " + std::to_string(id)};
  return *found->second;
}

/** Sends one packet; on a port that IKE shares with ESP behind the marker, but for a keepalive. */
void sendOne(const UdpPort& port, const OutgoingPacket& packet) {
  static constexpr uint8_t kMarker[kNonEspMarkerLength] = {};
  const bool keepalive = packet.bytes.size() == 1 && packet.bytes[0] == kNatKeepalive;
  const bool marked = port.protocol() == PortProtocol::kIkeEsp && !keepalive;
  iovec parts[2] = {{const_cast<uint8_t*>(kMarker), marked ? sizeof kMarker : 0},
                    {const_cast<uint8_t*>(packet.bytes.data()), packet.bytes.size()}};
  SocketAddress remote = packet.remote;
  msghdr message{&remote.any, remote.length(), parts, 2, nullptr, 0, 0};
  SendControl control;
  if (port.isAnyAddress() && packet.local.isSet()) control.addSource(message, packet.local);
  // What the kernel refuses is lost, as the interface says.
  sendmsg(port.socket(0), &message, MSG_DONTWAIT);
}

uint64_t valueOf(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }

}  // namespace

Engine::Engine(size_t workers, std::function<void()> wake)
    : state_(workers, std::move(wake)),
      outbound_(state_, state_.controlLane()),
      inbound_(state_, state_.controlLane(), outbound_) {
  for (size_t i = 0; i < workers; i++) workers_.push_back(std::make_unique<Worker>(state_, i));
}

Engine::~Engine() {
  workers_.clear();
  streams_.clear();
}

std::string Engine::openTun(const std::string& name, int mtu) {
  requireNoTun();
  useTun(std::make_unique<TunDevice>(name, mtu, state_.workers));
  return tun_->name();
}

void Engine::openTestTun(FileDescriptor end) {
  requireNoTun();
  useTun(std::make_unique<TunDevice>(std::move(end)));
}

const UdpPort& Engine::openPort(const SocketAddress& address, PortProtocol protocol) {
  auto opened = std::make_unique<UdpPort>(lastId_ + 1, address, protocol, state_.workers);
  UdpPort& port = *opened;
  lastId_++;
  ports_.emplace(port.id(), std::move(opened));
  publish(state_.ports, state_.grace, [&](FlatTable& table) {
    table.set({port.id(), 0, 0}, valueOf(&port));
  });
  for (size_t i = 0; i < port.sockets(); i++) workers_[i]->watchPort(port);
  return port;
}

void Engine::closePort(uint32_t id) {
  UdpPort& closed = port(id);
  for (size_t i = 0; i < closed.sockets(); i++) workers_[i]->unwatchPort(closed);
  detachPaths(&closed, nullptr);
  publish(state_.ports, state_.grace, [&](FlatTable& table) { table.erase({id, 0, 0}); });
  state_.grace.synchronize();
  ports_.erase(id);
}

void Engine::sendDatagrams(uint32_t id, std::span<const OutgoingPacket> packets) {
  const UdpPort& from = port(id);
  if (from.isRaw())
    throw Misuse{"PROTOCOL", "port " + std::to_string(id) + " is for raw ESP, which flows send"};
  for (const OutgoingPacket& packet : packets) sendOne(from, packet);
}

uint32_t Engine::openFlow(const FlowSettings& settings) {
  std::unique_ptr<FlowPath> path = resolve(settings.path);
  if (settings.v2 && state_.peers.find(settings.peerId)) {
    throw Misuse{"PEER_ID_IN_USE", "another flow has peer-id " + std::to_string(settings.peerId)};
  }
  auto opened = std::make_unique<Flow>();
  Flow& flow = *opened;
  flow.protocol = settings.protocol;
  requireFits(flow, *path);
  flow.id = ++lastId_;
  flow.innerMtu = settings.innerMtu;
  if (flow.isSstp()) {
    flow.sstpHeader = settings.sstpHeader;
    flow.sending = &flow.noKey;
  } else if (flow.isEsp()) {
    // Its packets begin with the SPI, which is the key's.
  } else if (settings.v2) {
    store32(flow.header.bytes, settings.peerId);
    flow.header.bytes[0] = kOpcodeDataV2 << 3;
    flow.header.length = 4;
  } else {
    flow.header = {{kOpcodeDataV1 << 3, 0, 0, 0}, 1};
  }
  flow.site = settings.site;
  flow.clampBytes = settings.clampBytes;
  flow.pingInterval = settings.pingIntervalSeconds * 1000;
  flow.idleTimeout = settings.idleTimeoutSeconds * 1000;
  flow.lastSent = flow.lastReceived = state_.now();
  flows_.emplace(flow.id, std::move(opened));
  bind(flow, *path);
  flow.path = path.release();
  if (settings.v2) state_.peers.set(settings.peerId, &flow);
  const std::lock_guard lock(state_.flowListMutex);
  flow.listIndex = state_.flowList.size();
  state_.flowList.push_back(&flow);
  return flow.id;
}

void Engine::moveFlow(uint32_t id, const PathOptions& options) {
  Flow& moved = flow(id);
  std::unique_ptr<FlowPath> path = resolve(options);
  requireFits(moved, *path);
  unbind(moved, *moved.path.load());
  bind(moved, *path);
  publishPath(moved, std::move(path));
}

void Engine::limitFlow(uint32_t id, std::unique_ptr<const Reach> reach) {
  const std::unique_ptr<const Reach> old(flow(id).reach.exchange(reach.release()));
  // After this call no worker lets a packet pass by the limit that was before.
  state_.grace.synchronize();
}

uint32_t Engine::openNat(NatRules rules) {
  nats_.emplace(++lastId_, std::make_unique<Nat>(std::move(rules)));
  return lastId_;
}

void Engine::changeNat(uint32_t id, NatRules rules) {
  const std::unique_ptr<const NatRules> old = nat(id).change(std::move(rules));
  // After this call no packet passes by the rules that were before.
  state_.grace.synchronize();
}

void Engine::closeNat(uint32_t id) {
  Nat* closed = &nat(id);
  for (const auto& [flowId, flow] : flows_)
    if (flow->nat == closed) flow->nat = nullptr;
  state_.grace.synchronize();
  nats_.erase(id);
}

void Engine::translateFlow(uint32_t id, std::optional<uint32_t> natId) {
  Flow& translated = flow(id);
  requireOf(translated, FlowProtocol::kEsp, "PROTOCOL");
  translated.nat = natId ? &nat(*natId) : nullptr;
  state_.grace.synchronize();
}

FlowTotals Engine::closeFlow(uint32_t id) {
  Flow& closed = flow(id);
  publish(state_.routes, state_.grace, [&](RouteTable& routes) { routes.eraseFlow(valueOf(&closed)); });
  unbind(closed, *closed.path.load());
  if (closed.isV2()) state_.peers.set(closed.peerId(), nullptr);
  for (const auto& entry : closed.sas) state_.spis.remove(*entry);
  {
    const std::lock_guard lock(state_.flowListMutex);
    Flow* last = state_.flowList.back();
    state_.flowList[closed.listIndex] = last;
    last->listIndex = closed.listIndex;
    state_.flowList.pop_back();
  }
  // After this call no worker reads or sends for the flow: its address may be given to another.
  state_.grace.synchronize();
  const FlowTotals totals = counters(id);
  flows_.erase(id);
  return totals;
}

FlowTotals Engine::counters(uint32_t id) const {
  const Flow& counted = flow(id);
  FlowTotals totals;
  for (size_t i = 0; i < kCounters; i++) totals[i] = counted.counters[i].load(std::memory_order_relaxed);
  return totals;
}

void Engine::installKey(uint32_t id, KeySlotOptions& options) {
  Flow& target = flow(id);
  requireOf(target, FlowProtocol::kOpenVpn, "KEY");
  options.sequence = ++target.keysInstalled;
  KeySlot* next = new KeySlot(options, state_.lanes());
  std::unique_ptr<KeySlot> old(target.slots[options.keyId].exchange(next));
  // Replacing a slot that is selected keeps it selected.
  if (old && target.sending == old.get()) target.sending = next;
  state_.grace.retire(std::move(old));
}

void Engine::installKey(uint32_t id, EspSaOptions& options) {
  Flow& target = flow(id);
  requireOf(target, FlowProtocol::kEsp, "KEY");
  SpiEntry* old = state_.spis.find(options.keyId);
  if (old && &old->flow != &target) {
    throw Misuse{"KEY", "another flow receives by SPI " + std::to_string(options.keyId)};
  }
  options.sequence = ++target.keysInstalled;
  auto next = std::make_unique<SpiEntry>(options, state_.lanes(), target);
  state_.spis.add(*next);
  if (old && target.sending == &old->sa) target.sending = &next->sa;
  target.sas.push_back(std::move(next));
  if (old) retireSa(target, *old);
}

void Engine::selectKey(uint32_t id, uint32_t keyId) {
  Flow& target = flow(id);
  target.sending = &key(target, keyId);
}

void Engine::removeKey(uint32_t id, uint32_t keyId) {
  Flow& target = flow(id);
  FlowKey& removed = key(target, keyId);
  if (target.sending == &removed) target.sending = nullptr;
  if (target.isEsp()) return retireSa(target, *state_.spis.find(keyId));
  state_.grace.retire(std::unique_ptr<KeySlot>(target.slots[keyId].exchange(nullptr)));
}

/** Takes an SA out of the table, and frees it when nothing opens or seals with it any more. */
void Engine::retireSa(Flow& flow, SpiEntry& entry) {
  state_.spis.remove(entry);
  const auto place = std::ranges::find_if(
      flow.sas, [&](const std::unique_ptr<SpiEntry>& own) { return own.get() == &entry; });
  state_.grace.retire(std::move(*place));
  flow.sas.erase(place);
}

void Engine::setNextId(uint32_t id, uint32_t keyId, uint64_t next) {
  Flow& target = flow(id);
  FlowKey& found = key(target, keyId);
  if (target.isEsp()) static_cast<EspSa&>(found).setNextSequence(next);
  else static_cast<KeySlot&>(found).setNextId(next);
}

void Engine::sendInband(uint32_t id, Bytes payload) {
  Flow& to = flow(id);
  requireOf(to, FlowProtocol::kOpenVpn, "PROTOCOL");
  outbound_.sendPayload(to, payload);
  outbound_.flush();
}

uint64_t Engine::advanceTestClock(int64_t milliseconds) {
  const uint64_t rounds = state_.timerRounds.load();
  state_.testClock.fetch_add(milliseconds);
  workers_[0]->fireTimer();
  return rounds;
}

void Engine::setTransit(bool fromSite, bool toSite, bool on) {
  const uint8_t bit = DatapathState::transitBit(fromSite, toSite);
  if (on) state_.transit.fetch_or(bit);
  else state_.transit.fetch_and(static_cast<uint8_t>(~bit));
}

void Engine::changeRoutes(std::span<const RouteSetting> changes) {
  // All flows are looked up before anything is changed.
  for (const RouteSetting& change : changes) {
    if (change.flow != 0) flow(change.flow);
  }
  publish(state_.routes, state_.grace, [&](RouteTable& routes) {
    for (const RouteSetting& change : changes) {
      if (change.flow == 0) routes.erase(change.route);
      else routes.set(change.route, valueOf(&flow(change.flow)));
    }
  });
}

std::vector<Event> Engine::takeEvents() {
  state_.grace.collect();
  std::vector<Event> events = state_.events.take();
  std::erase_if(events, [this](const Event& event) { return writeByPump(event); });
  return events;
}

Flow& Engine::flow(uint32_t id) const { return known(flows_, id, "UNKNOWN_FLOW", "flow"); }
Nat& Engine::nat(uint32_t id) const { return known(nats_, id, "UNKNOWN_NAT", "NAT"); }
Stream& Engine::stream(uint32_t id) const { return known(streams_, id, "UNKNOWN_STREAM", "stream"); }
UdpPort& Engine::port(uint32_t id) const { return known(ports_, id, "UNKNOWN_PORT", "port"); }

FlowKey& Engine::key(Flow& flow, uint32_t keyId) const {
  FlowKey* found = nullptr;
  if (flow.isEsp()) {
    SpiEntry* entry = state_.spis.find(keyId);
    if (entry && &entry->flow == &flow) found = &entry->sa;
  } else if (keyId < flow.slots.size()) {
    found = flow.slots[keyId].load();
  }
  if (found) return *found;
  throw Misuse{"UNKNOWN_KEY", "flow " + std::to_string(flow.id) + " has no key " + std::to_string(keyId)};
}

/** ESP goes over its own ports, OpenVPN over its own and over its streams, and SSTP over its streams. */
void Engine::requireFits(const Flow& flow, const FlowPath& path) const {
  const bool numbered = path.port && (path.remote.port() == 0) == path.port->isRaw();
  bool fits = false;
  switch (flow.protocol) {
    case FlowProtocol::kEsp: fits = numbered && path.port->carriesEsp(); break;
    case FlowProtocol::kSstp: fits = path.stream && path.stream->framing == Framing::kSstp; break;
    case FlowProtocol::kOpenVpn:
      fits = path.stream ? path.stream->framing == Framing::kOpenVpn
                         : numbered && path.port->protocol() == PortProtocol::kOpenVpn;
      break;
  }
  if (!fits) throw Misuse{"PROTOCOL", std::string("the path carries no ") + nameOf(flow.protocol)};
}

void Engine::requireOf(const Flow& flow, FlowProtocol protocol, const char* code) const {
  if (flow.protocol == protocol) return;
  throw Misuse{code, "flow " + std::to_string(flow.id) + " is of " + nameOf(flow.protocol) + ", not of " +
                         nameOf(protocol)};
}

std::unique_ptr<FlowPath> Engine::resolve(const PathOptions& options) const {
  auto path = std::make_unique<FlowPath>();
  if (options.port != 0) {
    path->port = &port(options.port);
    path->remote = options.remote;
    if (path->port->isAnyAddress()) path->local = options.local;
  } else {
    path->stream = &stream(options.stream);
  }
  return path;
}

/** The youngest flow of a path has it: a client that starts anew from its old port. */
void Engine::bind(Flow& flow, const FlowPath& path) {
  if (path.stream) path.stream->flow = &flow;
  if (!path.port || !flow.isFoundByPath()) return;
  const FlatKey key = path.remote.keyAt(path.port->id());
  publish(state_.paths, state_.grace, [&](FlatTable& table) { table.set(key, valueOf(&flow)); });
}

void Engine::unbind(Flow& flow, const FlowPath& path) {
  if (path.stream && path.stream->flow == &flow) path.stream->flow = nullptr;
  if (!path.port || !flow.isFoundByPath()) return;
  const FlatKey key = path.remote.keyAt(path.port->id());
  if (state_.paths.load()->find(key) != valueOf(&flow)) return;
  publish(state_.paths, state_.grace, [&](FlatTable& table) { table.erase(key); });
}

void Engine::publishPath(Flow& flow, std::unique_ptr<FlowPath> path) {
  state_.grace.retire(std::unique_ptr<FlowPath>(flow.path.exchange(path.release())));
}

void Engine::useTun(std::unique_ptr<TunDevice> tun) {
  tun_ = std::move(tun);
  state_.tun = tun_.get();
  for (size_t i = 0; i < std::min(tun_->queues(), workers_.size()); i++) workers_[i]->watchTun(*tun_);
}

/** Leaves the flows of a port or stream that goes away without a path: what they send is dropped. */
void Engine::detachPaths(const UdpPort* port, const Stream* stream) {
  for (const auto& [id, flow] : flows_) {
    const FlowPath* path = flow->path.load();
    if ((!port || path->port != port) && (!stream || path->stream != stream)) continue;
    unbind(*flow, *path);
    publishPath(*flow, std::make_unique<FlowPath>());
  }
}

void Engine::requireNoTun() const {
  if (tun_) throw Misuse{"TUN_OPEN", "the TUN device " + tun_->name() + " is open"};
}

}  // namespace causeway
