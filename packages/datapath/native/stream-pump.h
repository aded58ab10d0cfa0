#pragma once

#include <uv.h>

#include <vector>

#include "bytes.h"
#include "file-descriptor.h"
#include "receive-pace.h"
#include "stream-output.h"

namespace causeway {

class StreamPumps;

/** What a pump works for. Called on the JavaScript thread only. */
class PumpOwner {
 public:
  /** Takes what arrived and gives how many frames that were; -1 when the stream broke. */
  virtual int pumpInput(uint32_t stream, Bytes chunk) = 0;
  /** What is to be written next, in pieces that a socket may take at once. */
  virtual TakenOutput pumpOutput(uint32_t stream) = 0;
  /** The peer closed, or the connection failed; the socket tells which to who reads it. */
  virtual void pumpEnded(uint32_t stream) = 0;

 protected:
  ~PumpOwner() = default;
};

/**
 * Reads and writes one socket on the JavaScript thread, in its event loop, but without entering
 * JavaScript: of each packet's way through Node's streams only the system calls are left. In full flow
 * what arrives gathers first, as at a UDP port.
 */
class StreamPump {
 public:
  /** `socket` is a descriptor of its own. Errors: std::system_error. */
  StreamPump(StreamPumps& all, PumpOwner& owner, uint32_t stream, FileDescriptor socket);
  StreamPump(const StreamPump&) = delete;

  /** Writes what waits, as far as the socket takes it. False when writing is somebody else's by now. */
  bool write();
  /** Whether something was taken and is not written. */
  bool hasPending() const { return pending_.memory != nullptr; }
  /** Writes no more, and gives what was taken and is not written. */
  std::vector<uint8_t> endWriting();
  /** Reads now; for the end of a wait. */
  void resume();
  /** Stops; the memory goes when the event loop is done with it. */
  void close();

 private:
  static void handlePoll(uv_poll_t* poll, int status, int events);
  void read();
  void watch();
  void finish();

  uv_poll_t poll_;
  StreamPumps& all_;
  PumpOwner& owner_;
  uint32_t stream_;
  FileDescriptor socket_;
  ReceivePace pace_;
  TakenOutput pending_;
  size_t sent_ = 0;
  bool reads_ = true;
  bool waits_ = false;
  bool writes_ = true;
  bool blocked_ = false;
};

/** What the pumps of one event loop share: memory to read into, and the clock of their waits. */
class StreamPumps {
 public:
  explicit StreamPumps(uv_loop_t* loop);
  ~StreamPumps();
  StreamPumps(const StreamPumps&) = delete;

  uv_loop_t* loop() const { return loop_; }
  MutableBytes buffer() { return {buffer_.get(), kBufferBytes}; }
  /** Resumes the pump after the time that packets may gather; the event loop's own timers are too coarse. */
  void wait(StreamPump& pump);
  void forget(StreamPump& pump);

 private:
  static constexpr size_t kBufferBytes = 256 * 1024;

  struct Clock {
    uv_poll_t poll;
    FileDescriptor timer;
  };

  static void handleTimer(uv_poll_t* poll, int status, int events);

  uv_loop_t* loop_;
  std::unique_ptr<uint8_t[]> buffer_;
  Clock* clock_;
  std::vector<StreamPump*> waiting_;
};

}  // namespace causeway
