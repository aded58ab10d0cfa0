#pragma once

#include <napi.h>

#include "engine.h"

namespace causeway {

/*
 * JavaScript values to C++ and back. The TypeScript wrapper has checked every argument; what is
 * wrong here is the wrapper's defect and throws a TypeError.
 */

/** The bytes of a Uint8Array, borrowed. */
Bytes bytesOf(const Napi::Value& value);
/** A Uint8Array of its own. */
Napi::Value copyOf(Napi::Env env, Bytes bytes);

/** `{ address: { bytes }, port }`. */
SocketAddress socketAddressOf(const Napi::Value& endpoint);
Napi::Object endpointOf(Napi::Env env, const SocketAddress& address);

/** The address alone, `{ bytes }`; not set when undefined. */
SocketAddress localOf(const Napi::Value& address);
Napi::Object addressOf(Napi::Env env, const SocketAddress& address);

uint32_t idOf(const Napi::Value& value);
PathOptions pathOf(const Napi::Value& path);
FlowSettings flowSettingsOf(const Napi::Object& options);
Framing framingOf(const Napi::Value& framing);
PortProtocol portProtocolOf(const Napi::Value& protocol);
KeySlotOptions keySlotOf(const Napi::Object& slot);
/** Only an SA has the SPI of the peer. */
bool isEspSa(const Napi::Object& key);
EspSaOptions espSaOf(const Napi::Object& sa);
/** What a limit allows; null when undefined: no limit. */
std::unique_ptr<const Reach> reachOf(const Napi::Value& destinations);
NatRules natRulesOf(const Napi::Value& rules);
std::vector<RouteSetting> routeChangesOf(const Napi::Array& changes);
std::vector<OutgoingPacket> datagramsOf(const Napi::Array& datagrams);

/**
 * The TLS connection in an object that control-tls gave, which is empty then. Errors: Misuse when it is no
 * such object, or empty.
 */
std::unique_ptr<TlsSession> tlsOf(const Napi::Value& released);

Napi::Object countersOf(Napi::Env env, const FlowTotals& totals);
Napi::Object eventOf(Napi::Env env, const Event& event);

}  // namespace causeway
