#include "addon-values.h"

#include <openssl/crypto.h>
#include <released_tls.h>

#include <string_view>

namespace causeway {

namespace {

constexpr const char* kCounterNames[] = {"packetsReceived",
                                         "bytesReceived",
                                         "packetsSent",
                                         "bytesSent",
                                         "authenticationFailures",
                                         "replays",
                                         "sourceViolations",
                                         "refused",
                                         "sendDrops",
                                         "selectorMismatchesReceived",
                                         "selectorMismatchesSent",
                                         "natDrops"};
static_assert(std::size(kCounterNames) == kCounters);

constexpr const char* kEventNames[] = {"datagram",     "control",    "stream-output", "stream-fault",
                                       "stream-ended", "float",      "inband",        "idle",
                                       "soft-limit",   "hard-limit", "unknown-spi",   "rejected"};
static_assert(std::size(kEventNames) == static_cast<size_t>(EventType::kRejected) + 1);

constexpr std::string_view kCipherNames[] = {"AES-128-GCM", "AES-192-GCM", "AES-256-GCM", "CHACHA20-POLY1305",
                                             "AES-128-CBC", "AES-192-CBC", "AES-256-CBC"};
constexpr std::string_view kDigestNames[] = {"SHA1", "SHA256", "SHA512"};
constexpr std::string_view kFlowNames[] = {"openvpn", "esp", "sstp"};
constexpr std::string_view kFramingNames[] = {"openvpn", "sstp"};
constexpr std::string_view kPortNames[] = {"openvpn", "ike", "ike-esp", "esp"};
/** Order of the kinds, where ESP has no ChaCha20-Poly1305. */
constexpr std::string_view kEspCipherNames[] = {"AES-GCM-128", "AES-GCM-192", "AES-GCM-256", "",
                                                "AES-CBC-128", "AES-CBC-192", "AES-CBC-256"};
constexpr std::string_view kIntegrityNames[] = {"HMAC-SHA1-96", "HMAC-SHA256-128", "HMAC-SHA512-256",
                                                "HMAC-SHA384-192"};
constexpr std::string_view kCompressionNames[] = {"none", "lzo-stub", "stub", "stub-v2"};

template <typename Kind, size_t Count>
Kind kindOf(const std::string_view (&names)[Count], const Napi::Value& value) {
  const std::string name = value.ToString();
  for (size_t i = 0; i < Count; i++) {
    if (names[i] == name) return static_cast<Kind>(i);
  }
  throw Napi::TypeError::New(value.Env(), "unknown name " + name);
}

int64_t integerOf(const Napi::Value& value) { return value.As<Napi::Number>().Int64Value(); }

void copyKey(const Napi::Value& value, MutableBytes key) {
  const Bytes bytes = bytesOf(value);
  if (bytes.size() > key.size()) throw Napi::TypeError::New(value.Env(), "a key is too long");
  if (!bytes.empty()) memcpy(key.data(), bytes.data(), bytes.size());
}

DirectionSecret directionOf(const Napi::Value& value, const char* authKey = "authKey") {
  const Napi::Object keys = value.As<Napi::Object>();
  DirectionSecret secret{};
  copyKey(keys.Get("cipherKey"), secret.cipherKey);
  copyKey(keys.Get(authKey), secret.authKey);
  return secret;
}

TrafficSelector selectorOf(const Napi::Object& value) {
  const Bytes start = bytesOf(value.Get("start").As<Napi::Object>().Get("bytes"));
  const Bytes end = bytesOf(value.Get("end").As<Napi::Object>().Get("bytes"));
  const uint8_t version = start.size() == 4 ? 4 : 6;
  if (start.size() != end.size() || (start.size() != 4 && start.size() != 16))
    throw Napi::TypeError::New(value.Env(), "a selector of no address family");
  return {version,
          static_cast<uint8_t>(idOf(value.Get("protocol"))),
          static_cast<uint16_t>(idOf(value.Get("startPort"))),
          static_cast<uint16_t>(idOf(value.Get("endPort"))),
          addressValue(version, start.data()),
          addressValue(version, end.data())};
}

std::vector<TrafficSelector> selectorListOf(const Napi::Value& value) {
  const Napi::Array array = value.As<Napi::Array>();
  std::vector<TrafficSelector> selectors;
  selectors.reserve(array.Length());
  for (uint32_t i = 0; i < array.Length(); i++)
    selectors.push_back(selectorOf(array.Get(i).As<Napi::Object>()));
  return selectors;
}

uint64_t limitOf(const Napi::Object& key, const char* name) {
  return static_cast<uint64_t>(integerOf(key.Get(name)));
}

/** Writes the prefix's address where there is room for either family, and gives its family. */
uint8_t readPrefix(const Napi::Value& value, uint8_t (&into)[16], unsigned& length) {
  const Napi::Object prefix = value.As<Napi::Object>();
  const Bytes address = bytesOf(prefix.Get("address").As<Napi::Object>().Get("bytes"));
  memcpy(into, address.data(), std::min(address.size(), sizeof into));
  length = idOf(prefix.Get("length"));
  return address.size() == 4 ? 4 : 6;
}

NatAddresses natAddressesOf(const Napi::Value& value, uint8_t& version) {
  const Napi::Object addresses = value.As<Napi::Object>();
  uint8_t bytes[16] = {};
  unsigned length = 0;
  version = readPrefix(addresses.Get("prefix"), bytes, length);
  const AddressValue first = addressValue(version, bytes);
  const unsigned hostBits = (version == 4 ? 32 : 128) - length;
  const AddressValue hosts = hostBits == 128 ? ~AddressValue{0} : (AddressValue{1} << hostBits) - 1;
  const Napi::Value ports = addresses.Get("ports");
  if (ports.IsUndefined()) return {first, first | hosts, false, 0, UINT16_MAX};
  const Napi::Object range = ports.As<Napi::Object>();
  return {first, first | hosts, true, static_cast<uint16_t>(idOf(range.Get("first"))),
          static_cast<uint16_t>(idOf(range.Get("last")))};
}

NatRuleList natRuleListOf(const Napi::Value& value) {
  const Napi::Array array = value.As<Napi::Array>();
  NatRuleList rules;
  for (uint32_t i = 0; i < array.Length(); i++) {
    const Napi::Object object = array.Get(i).As<Napi::Object>();
    NatRule rule{};
    rule.dynamic = object.Get("type").ToString().Utf8Value() == "dynamic";
    rule.internal = natAddressesOf(object.Get("internal"), rule.version);
    rule.external = natAddressesOf(object.Get("external"), rule.version);
    rules.push_back(rule);
  }
  return rules;
}

RouteSetting routeChangeOf(const Napi::Object& change) {
  const Napi::Value source = change.Get("source");
  const Napi::Value metric = change.Get("metric");
  const bool add = change.Get("type").ToString().Utf8Value() == "add";
  RouteSetting setting{};
  RouteKey& route = setting.route;
  setting.flow = add ? idOf(change.Get("flow")) : 0;
  route.version = readPrefix(change.Get("prefix"), route.destination, route.destinationLength);
  if (!source.IsUndefined()) readPrefix(source, route.source, route.sourceLength);
  if (!metric.IsUndefined()) route.metric = static_cast<uint16_t>(idOf(metric));
  return setting;
}

}  // namespace

Bytes bytesOf(const Napi::Value& value) {
  const Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

Napi::Value copyOf(Napi::Env env, Bytes bytes) {
  Napi::Uint8Array array = Napi::Uint8Array::New(env, bytes.size());
  if (!bytes.empty()) memcpy(array.Data(), bytes.data(), bytes.size());
  return array;
}

SocketAddress socketAddressOf(const Napi::Value& value) {
  const Napi::Object endpoint = value.As<Napi::Object>();
  const Bytes address = bytesOf(endpoint.Get("address").As<Napi::Object>().Get("bytes"));
  return SocketAddress::of(address, static_cast<uint16_t>(idOf(endpoint.Get("port"))));
}

SocketAddress localOf(const Napi::Value& address) {
  if (address.IsUndefined()) return {};
  return SocketAddress::of(bytesOf(address.As<Napi::Object>().Get("bytes")), 0);
}

Napi::Object addressOf(Napi::Env env, const SocketAddress& socketAddress) {
  Napi::Object address = Napi::Object::New(env);
  address.Set("family", socketAddress.isV4() ? 4 : 6);
  address.Set("bytes", copyOf(env, socketAddress.address()));
  return address;
}

Napi::Object endpointOf(Napi::Env env, const SocketAddress& remote) {
  Napi::Object endpoint = Napi::Object::New(env);
  endpoint.Set("address", addressOf(env, remote));
  endpoint.Set("port", remote.port());
  return endpoint;
}

/** Ids count up from 1 and never reach 2^32; what is past that is no id of ours. */
uint32_t idOf(const Napi::Value& value) {
  const int64_t id = integerOf(value);
  return id < 0 || id > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(id);
}

PathOptions pathOf(const Napi::Value& value) {
  const Napi::Object path = value.As<Napi::Object>();
  if (path.Get("type").ToString().Utf8Value() == "stream") return {0, {}, {}, idOf(path.Get("stream"))};
  const uint32_t port = idOf(path.Get("port"));
  return {port == 0 ? UINT32_MAX : port, socketAddressOf(path.Get("remote")), localOf(path.Get("local")), 0};
}

FlowSettings flowSettingsOf(const Napi::Object& options) {
  const Napi::Value peerId = options.Get("peerId");
  const bool v2 = !peerId.IsUndefined();
  const Napi::Value name = options.Get("protocol");
  const FlowProtocol protocol =
      name.IsUndefined() ? FlowProtocol::kOpenVpn : kindOf<FlowProtocol>(kFlowNames, name);
  const bool openVpn = protocol == FlowProtocol::kOpenVpn;
  FlowSettings settings{};
  settings.protocol = protocol;
  settings.path = pathOf(options.Get("path"));
  settings.v2 = v2;
  settings.peerId = v2 ? idOf(peerId) : 0;
  settings.clampBytes = static_cast<uint16_t>(idOf(options.Get("clampBytes")));
  settings.innerMtu = openVpn ? UINT32_MAX : idOf(options.Get("innerMtu"));
  settings.pingIntervalSeconds = openVpn ? integerOf(options.Get("pingIntervalSeconds")) : 0;
  settings.idleTimeoutSeconds = integerOf(options.Get("idleTimeoutSeconds"));
  settings.site = protocol == FlowProtocol::kEsp && options.Get("peer").ToString().Utf8Value() == "site";
  if (protocol == FlowProtocol::kSstp)
    settings.sstpHeader = {options.Get("compressAddressControl").ToBoolean(),
                           options.Get("compressProtocol").ToBoolean()};
  return settings;
}

KeySlotOptions keySlotOf(const Napi::Object& slot) {
  const Napi::Value digest = slot.Get("digest");
  KeySlotOptions options{};
  options.keyId = static_cast<uint8_t>(idOf(slot.Get("keyId")) & 7);
  options.cipher = kindOf<CipherKind>(kCipherNames, slot.Get("cipher"));
  options.digest = digest.IsUndefined() ? DigestKind::kSha1 : kindOf<DigestKind>(kDigestNames, digest);
  options.epoch = slot.Get("format").ToString().Utf8Value() == "epoch";
  options.compression = kindOf<Compression>(kCompressionNames, slot.Get("compression"));
  options.send = directionOf(slot.Get("send"));
  options.receive = directionOf(slot.Get("receive"));
  options.packetLimit = limitOf(slot, "packetLimit");
  options.byteLimit = limitOf(slot, "byteLimit");
  return options;
}

bool isEspSa(const Napi::Object& key) { return key.Has("sendSpi"); }

EspSaOptions espSaOf(const Napi::Object& sa) {
  const Napi::Value integrity = sa.Get("integrity");
  const Napi::Object selectors = sa.Get("selectors").As<Napi::Object>();
  EspSaOptions options{};
  options.keyId = idOf(sa.Get("keyId"));
  options.sendSpi = idOf(sa.Get("sendSpi"));
  options.cipher = kindOf<CipherKind>(kEspCipherNames, sa.Get("cipher"));
  options.digest =
      integrity.IsUndefined() ? DigestKind::kSha1 : kindOf<DigestKind>(kIntegrityNames, integrity);
  options.extendedSequence = sa.Get("extendedSequence").ToBoolean();
  options.replayWindow = idOf(sa.Get("replayWindow"));
  options.send = directionOf(sa.Get("send"), "integrityKey");
  options.receive = directionOf(sa.Get("receive"), "integrityKey");
  options.selectors = {selectorListOf(selectors.Get("local")), selectorListOf(selectors.Get("remote"))};
  options.packetLimit = limitOf(sa, "packetLimit");
  options.byteLimit = limitOf(sa, "byteLimit");
  options.hardPacketLimit = limitOf(sa, "hardPacketLimit");
  options.hardByteLimit = limitOf(sa, "hardByteLimit");
  return options;
}

std::unique_ptr<const Reach> reachOf(const Napi::Value& destinations) {
  return destinations.IsUndefined() ? nullptr : std::make_unique<const Reach>(selectorListOf(destinations));
}

NatRules natRulesOf(const Napi::Value& value) {
  const Napi::Object rules = value.As<Napi::Object>();
  return {natRuleListOf(rules.Get("egress")), natRuleListOf(rules.Get("ingress"))};
}

Framing framingOf(const Napi::Value& framing) { return kindOf<Framing>(kFramingNames, framing); }

std::unique_ptr<TlsSession> tlsOf(const Napi::Value& released) {
  bool tagged = false;
  const napi_env env = released.Env();
  const bool checked =
      released.IsObject() &&
      napi_check_object_type_tag(env, released, &control_tls::kReleasedTlsTag, &tagged) == napi_ok;
  void* wrapped = nullptr;
  if (!checked || !tagged || napi_unwrap(env, released, &wrapped) != napi_ok)
    throw Misuse{"ARGUMENT", "tls gave away no connection that @causeway/control-tls of this build made"};
  auto& tls = *static_cast<control_tls::ReleasedTls*>(wrapped);
  if (!tls.ssl) throw Misuse{"ARGUMENT", "the TLS connection was taken before"};
  return std::make_unique<TlsSession>(std::unique_ptr<SSL, FreeSsl>(std::exchange(tls.ssl, nullptr)),
                                      tls.laterMessages);
}

PortProtocol portProtocolOf(const Napi::Value& protocol) {
  return kindOf<PortProtocol>(kPortNames, protocol);
}

std::vector<RouteSetting> routeChangesOf(const Napi::Array& changes) {
  std::vector<RouteSetting> settings;
  for (uint32_t i = 0; i < changes.Length(); i++)
    settings.push_back(routeChangeOf(changes.Get(i).As<Napi::Object>()));
  return settings;
}

std::vector<OutgoingPacket> datagramsOf(const Napi::Array& datagrams) {
  std::vector<OutgoingPacket> packets;
  for (uint32_t i = 0; i < datagrams.Length(); i++) {
    const Napi::Object datagram = datagrams.Get(i).As<Napi::Object>();
    packets.push_back({socketAddressOf(datagram.Get("remote")), localOf(datagram.Get("local")),
                       bytesOf(datagram.Get("bytes"))});
  }
  return packets;
}

Napi::Object countersOf(Napi::Env env, const FlowTotals& totals) {
  Napi::Object counters = Napi::Object::New(env);
  for (size_t i = 0; i < kCounters; i++) counters.Set(kCounterNames[i], static_cast<double>(totals[i]));
  return counters;
}

Napi::Object eventOf(Napi::Env env, const Event& event) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("type", kEventNames[static_cast<size_t>(event.type)]);
  switch (event.type) {
    case EventType::kDatagram:
      object.Set("port", event.id);
      object.Set("remote", endpointOf(env, event.remote));
      object.Set("local", addressOf(env, event.local));
      object.Set("bytes", copyOf(env, event.bytes));
      break;
    case EventType::kControl:
      object.Set("stream", event.id);
      object.Set("bytes", copyOf(env, event.bytes));
      break;
    case EventType::kStreamOutput:
    case EventType::kStreamEnded: object.Set("stream", event.id); break;
    case EventType::kStreamFault:
      object.Set("stream", event.id);
      object.Set("reason", std::string(event.bytes.begin(), event.bytes.end()));
      break;
    case EventType::kFloat:
      object.Set("flow", event.id);
      object.Set("port", event.port);
      object.Set("remote", endpointOf(env, event.remote));
      object.Set("local", addressOf(env, event.local));
      break;
    case EventType::kInband:
      object.Set("flow", event.id);
      object.Set("bytes", copyOf(env, event.bytes));
      break;
    case EventType::kIdle: object.Set("flow", event.id); break;
    case EventType::kUnknownSpi:
      object.Set("port", event.id);
      object.Set("remote", endpointOf(env, event.remote));
      object.Set("local", addressOf(env, event.local));
      object.Set("spi", event.keyId);
      break;
    case EventType::kSoftLimit:
    case EventType::kHardLimit:
      object.Set("flow", event.id);
      object.Set("keyId", event.keyId);
      break;
    case EventType::kRejected:
      object.Set("flow", event.id);
      object.Set("authenticationFailures", static_cast<double>(event.authenticationFailures));
      object.Set("replays", static_cast<double>(event.replays));
      break;
  }
  return object;
}

}  // namespace causeway
