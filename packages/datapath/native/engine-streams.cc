#include <fcntl.h>
#include <openssl/crypto.h>

#include "engine.h"

/** The part of the engine that is about streams. All of it is the JavaScript thread's. */
namespace causeway {

namespace {

/** Room for all that is in what a pump reads at once, and a record that was cut. Ours. */
constexpr size_t kOpenedBytes = 256 * 1024 + 2 * TlsSession::kRecordBytes;
/** Plaintext that a pump's records are made of at once: full records, and what a socket may take. Ours. */
constexpr size_t kSealedAtOnce = 16 * TlsSession::kRecordBytes;

TakenOutput prepend(Bytes first, const TakenOutput& then) {
  const size_t length = first.size() + then.length;
  TakenOutput all{std::unique_ptr<uint8_t, FreeMemory>(static_cast<uint8_t*>(malloc(length))), length};
  if (!all.memory) throw std::bad_alloc();
  memcpy(all.memory.get(), first.data(), first.size());
  if (then.memory) memcpy(all.memory.get() + first.size(), then.memory.get(), then.length);
  return all;
}

}  // namespace

uint32_t Engine::openStream(Framing framing, bool recordPerPacket) {
  const uint32_t id = lastId_ + 1;
  streams_.emplace(id, std::make_unique<Stream>(id, framing, recordPerPacket));
  return lastId_ = id;
}

void Engine::closeStream(uint32_t id) {
  detachPaths(nullptr, &stream(id));
  state_.grace.synchronize();
  streams_.erase(id);
}

void Engine::requireNoTls(uint32_t id) const {
  Stream& plain = stream(id);
  const char* reason = nullptr;
  if (plain.framing != Framing::kSstp) reason = " is of a framing without TLS";
  else if (plain.tls) reason = " has TLS";
  else if (plain.hasOutput()) reason = " has something to write, which would go before TLS";
  if (reason) throw Misuse{"PROTOCOL", "stream " + std::to_string(id) + reason};
}

void Engine::attachTls(uint32_t id, std::unique_ptr<TlsSession> tls) {
  if (!opened_) opened_.reset(new uint8_t[kSealHeadroom + kOpenedBytes + kSealTailroom]);
  stream(id).tls = std::move(tls);
}

void Engine::endStream(uint32_t id) {
  Stream& ended = stream(id);
  ended.end();
  if (ended.tls) wakeWriter(ended);
}

/** Has what a stream says beside its packets written. */
void Engine::wakeWriter(Stream& stream) {
  if (stream.pump && stream.pump->write()) return;
  {
    const std::lock_guard lock(stream.output.mutex());
    if (!stream.output.wake()) return;
  }
  state_.events.put({.type = EventType::kStreamOutput, .id = stream.id, .remote = {}, .bytes = {}});
}

int Engine::streamInput(uint32_t id, Bytes chunk) {
  Stream& target = stream(id);
  if (!target.framer.alive()) return 0;
  if (target.tls) return openRecords(target, chunk);
  return feed(target, {const_cast<uint8_t*>(chunk.data()), chunk.size()}, false);
}

/** `own`: the bytes are ours, with room around them. Gives how many packets were complete. */
int Engine::feed(Stream& target, MutableBytes bytes, bool own) {
  int packets = 0;
  bool control = false;
  const bool alive = target.framer.feed(bytes, [&](Bytes packet) {
    packets++;
    if (target.framing == Framing::kOpenVpn) return inbound_.receiveFrame(target, packet);
    // A packet that was cut is in the framer's memory, for this call only.
    const bool stays = own && packet.data() >= bytes.data() && packet.data() < bytes.data() + bytes.size();
    const MutableBytes whole(const_cast<uint8_t*>(packet.data()), packet.size());
    const bool isControl = inbound_.receiveSstp(target, whole, stays);
    if (isControl && own && !stays) OPENSSL_cleanse(whole.data(), whole.size());
    control |= isControl;
  });
  inbound_.flush();
  // Control packets may hold a password.
  if (own && control) OPENSSL_cleanse(bytes.data(), bytes.size());
  if (!alive) breakStream(target, target.framer.fault());
  return packets;
}

int Engine::openRecords(Stream& target, Bytes records) {
  TlsSession& tls = *target.tls;
  const MutableBytes room(opened_.get() + kSealHeadroom, kOpenedBytes);
  int packets = 0;
  size_t length;
  tls.lend(records);
  do {
    length = tls.read(room);
    packets += feed(target, room.first(length), true);
  } while (target.framer.alive() && length + TlsSession::kRecordBytes > room.size());
  tls.lend({});
  if (!target.framer.alive()) return packets;
  switch (tls.state()) {
    case TlsSession::State::kOpen: break;
    case TlsSession::State::kFailed: breakStream(target, tls.failure()); break;
    case TlsSession::State::kEnded:
      target.framer.kill();
      pumpEnded(target.id);
      break;
  }
  // An alert, or an answer to a change of keys.
  if (tls.hasOutput()) wakeWriter(target);
  return packets;
}

void Engine::breakStream(Stream& broken, const std::string& reason) {
  broken.framer.kill();
  {
    const std::lock_guard lock(broken.output.mutex());
    broken.output.close();
  }
  state_.events.put(
      {.type = EventType::kStreamFault, .id = broken.id, .bytes = {reason.begin(), reason.end()}});
}

void Engine::streamControl(uint32_t id, std::span<const Bytes> packets) {
  Stream& target = stream(id);
  {
    const std::lock_guard lock(target.output.mutex());
    for (const Bytes packet : packets) {
      uint8_t* place = target.output.reserveControl(packet.size(), state_.now());
      if (!place) continue;
      memcpy(place, packet.data(), packet.size());
      target.output.commit(packet.size());
    }
    if (!target.output.announce()) return;
  }
  state_.events.put({.type = EventType::kStreamOutput, .id = id, .remote = {}, .bytes = {}});
}

TakenOutput Engine::takeStreamOutput(uint32_t id) {
  Stream& taken = stream(id);
  TakenOutput output = takeFrom(taken, SIZE_MAX);
  const std::vector<uint8_t> rest = taken.pump ? taken.pump->endWriting() : std::vector<uint8_t>();
  return rest.empty() ? std::move(output) : prepend(rest, output);
}

TakenOutput Engine::takeFrom(Stream& taken, size_t most) {
  TakenOutput output = taken.take(most);
  const bool failed = taken.tls && taken.tls->state() == TlsSession::State::kFailed;
  if (failed && taken.framer.alive()) breakStream(taken, taken.tls->failure());
  return output;
}

void Engine::adoptSocket(uint32_t id, int socket, uv_loop_t* loop) {
  Stream& adopted = stream(id);
  FileDescriptor own(must(fcntl(socket, F_DUPFD_CLOEXEC, 0), "socket"));
  if (!pumps_) pumps_ = std::make_unique<StreamPumps>(loop);
  adopted.pump.reset(new StreamPump(*pumps_, *this, id, std::move(own)));
  adopted.pump->write();
}

int Engine::pumpInput(uint32_t id, Bytes chunk) {
  const int frames = streamInput(id, chunk);
  return stream(id).framer.alive() ? frames : -1;
}

TakenOutput Engine::pumpOutput(uint32_t id) { return takeFrom(stream(id), kSealedAtOnce); }

void Engine::pumpEnded(uint32_t id) {
  state_.events.put({.type = EventType::kStreamEnded, .id = id, .remote = {}, .bytes = {}});
}

/** Output that a pump writes is no news to JavaScript. */
bool Engine::writeByPump(const Event& event) {
  if (event.type != EventType::kStreamOutput) return false;
  const auto found = streams_.find(event.id);
  return found != streams_.end() && found->second->pump && found->second->pump->write();
}

}  // namespace causeway
