#include "stream-pump.h"

#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <ctime>

namespace causeway {

namespace {

/** Reads and writes of one socket before others have their turn. Ours. */
constexpr int kTurns = 4;

int64_t microseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000} + now.tv_nsec / 1000;
}

void mustUv(int result, const char* what) {
  if (result < 0) throw std::system_error(-result, std::generic_category(), what);
}

}  // namespace

StreamPump::StreamPump(StreamPumps& all, PumpOwner& owner, uint32_t stream, FileDescriptor socket)
    : all_(all), owner_(owner), stream_(stream), socket_(std::move(socket)) {
  mustUv(uv_poll_init(all.loop(), &poll_, socket_.get()), "uv_poll_init");
  poll_.data = this;
  // Whether the process lives on is decided by the socket that this one was duplicated from.
  uv_unref(reinterpret_cast<uv_handle_t*>(&poll_));
  watch();
}

bool StreamPump::write() {
  if (!writes_) return false;
  for (int turn = 0; !blocked_; turn++) {
    if (!pending_.memory) {
      pending_ = owner_.pumpOutput(stream_);
      sent_ = 0;
      if (!pending_.memory) break;
    }
    const Bytes rest(pending_.memory.get() + sent_, pending_.length - sent_);
    const ssize_t length = send(socket_.get(), rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (length < 0 && errno == EINTR) continue;
    if (length >= 0) sent_ += static_cast<size_t>(length);
    else if (errno != EAGAIN) {
      // The reading side tells of the end.
      pending_ = {};
      return true;
    }
    if (sent_ == pending_.length) pending_ = {};
    blocked_ = length < 0 || turn == kTurns;
    if (blocked_) watch();
  }
  return true;
}

std::vector<uint8_t> StreamPump::endWriting() {
  writes_ = blocked_ = false;
  std::vector<uint8_t> rest;
  if (pending_.memory) rest.assign(pending_.memory.get() + sent_, pending_.memory.get() + pending_.length);
  pending_ = {};
  watch();
  return rest;
}

void StreamPump::resume() {
  waits_ = false;
  read();
}

void StreamPump::close() {
  if (waits_) all_.forget(*this);
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_),
           [](uv_handle_t* handle) { delete static_cast<StreamPump*>(handle->data); });
}

void StreamPump::handlePoll(uv_poll_t* poll, int status, int events) {
  StreamPump& self = *static_cast<StreamPump*>(poll->data);
  if (status < 0) return self.finish();
  if (events & UV_WRITABLE) {
    self.blocked_ = false;
    self.write();
    self.watch();
  }
  if (events & UV_READABLE) self.read();
}

void StreamPump::read() {
  const MutableBytes buffer = all_.buffer();
  int frames = 0;
  for (int turn = 0; turn < kTurns; turn++) {
    const ssize_t length = recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (length < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (length <= 0) return finish();
    const int taken = owner_.pumpInput(stream_, buffer.first(static_cast<size_t>(length)));
    if (taken < 0) {
      reads_ = false;
      break;
    }
    frames += taken;
    if (static_cast<size_t>(length) < buffer.size()) break;
  }
  pace_.note(frames, microseconds());
  waits_ = reads_ && pace_.gathers();
  if (waits_) all_.wait(*this);
  watch();
}

/** Asks the event loop for what is of use now. */
void StreamPump::watch() {
  const int events = (reads_ && !waits_ ? UV_READABLE : 0) | (blocked_ ? UV_WRITABLE : 0);
  if (events) uv_poll_start(&poll_, events, handlePoll);
  else uv_poll_stop(&poll_);
}

void StreamPump::finish() {
  reads_ = blocked_ = false;
  watch();
  owner_.pumpEnded(stream_);
}

StreamPumps::StreamPumps(uv_loop_t* loop)
    : loop_(loop), buffer_(new uint8_t[kBufferBytes]), clock_(new Clock) {
  clock_->timer =
      FileDescriptor(must(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd"));
  mustUv(uv_poll_init(loop, &clock_->poll, clock_->timer.get()), "uv_poll_init");
  clock_->poll.data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(&clock_->poll));
  uv_poll_start(&clock_->poll, UV_READABLE, handleTimer);
}

StreamPumps::~StreamPumps() {
  clock_->poll.data = clock_;
  uv_close(reinterpret_cast<uv_handle_t*>(&clock_->poll),
           [](uv_handle_t* handle) { delete static_cast<Clock*>(handle->data); });
}

void StreamPumps::wait(StreamPump& pump) {
  waiting_.push_back(&pump);
  if (waiting_.size() > 1) return;
  const itimerspec once{{0, 0}, {0, ReceivePace::kGatherMicroseconds * 1000}};
  must(timerfd_settime(clock_->timer.get(), 0, &once, nullptr), "timerfd");
}

void StreamPumps::forget(StreamPump& pump) { std::erase(waiting_, &pump); }

void StreamPumps::handleTimer(uv_poll_t* poll, int, int) {
  StreamPumps& self = *static_cast<StreamPumps*>(poll->data);
  uint64_t ticks;
  if (::read(self.clock_->timer.get(), &ticks, sizeof ticks) < 0) return;
  // Nothing that a pump calls closes another one: that is JavaScript's, which is not entered here.
  for (StreamPump* pump : std::exchange(self.waiting_, {})) pump->resume();
}

}  // namespace causeway
