#pragma once

#include "event-pace.h"
#include "stream-pump.h"
#include "tls-session.h"

namespace causeway {

struct Flow;

struct ClosePump {
  void operator()(StreamPump* pump) const { pump->close(); }
};

/** A byte stream whose connection is Node's; its framing, its TLS and its output are here. */
struct Stream {
  Stream(uint32_t id, Framing framing, bool recordPerPacket)
      : id(id), framing(framing), recordPerPacket(recordPerPacket), framer(framing), output(framing) {}

  // Fixed from the start.
  const uint32_t id;
  const Framing framing;
  /** TLS: a record for each packet. */
  const bool recordPerPacket;

  /** The flow that this stream carries. JavaScript thread only, as all below but `output`. */
  Flow* flow = nullptr;
  StreamFramer framer;
  /**
   * SSTP: paces the control packets that come up, or one peer's flood would fill the queue of all. A call takes
   * some 30 of them. Ours.
   */
  EventPace control{20, 128};
  StreamOutput output;
  std::unique_ptr<TlsSession> tls;
  /** What reads and writes the socket, when that is not Node. */
  std::unique_ptr<StreamPump, ClosePump> pump;

  /** What is to be written next; with TLS records of about `most` bytes. Without memory when there is
   * nothing. */
  TakenOutput take(size_t most);
  /** Takes no more output, and tells the peer so behind what waits. */
  void end();
  bool hasOutput();

 private:
  void seal(size_t most);

  /** Taken from the output; records were made of as much as `sealed_` says. */
  TakenOutput unsealed_;
  size_t sealed_ = 0;
  bool ends_ = false;
};

}  // namespace causeway
