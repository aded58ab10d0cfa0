#include "worker.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

namespace causeway {

namespace {

/** epoll's word for each source: these, or the id of a port. */
constexpr uint64_t kSourceStop = uint64_t{1} << 32;
constexpr uint64_t kSourceTimer = uint64_t{2} << 32;
constexpr uint64_t kSourceTun = uint64_t{3} << 32;

/** Packets (of up to 64 KB) read from the TUN device in one batch. Ours. */
constexpr int kTunReads = 8;
constexpr size_t kLargestRead = 65536 + sizeof(VirtioHeader);
constexpr int kEventsAtOnce = 16;
/** How often timers are looked after; what is promised in seconds may be late by this. Ours. */
constexpr long kTimerNanoseconds = 250'000'000;

void startTimer(int timer, long first) {
  const itimerspec every{{0, kTimerNanoseconds}, {0, first}};
  must(timerfd_settime(timer, 0, &every, nullptr), "timerfd");
}

int64_t microseconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * int64_t{1'000'000} + now.tv_nsec / 1000;
}

}  // namespace

Worker::Worker(DatapathState& state, size_t index)
    : state_(state),
      index_(index),
      outbound_(state, index),
      inbound_(state, index, outbound_),
      timers_(state, outbound_),
      packet_(new uint8_t[kSealHeadroom + kLargestRead + kSealTailroom]),
      epoll_(must(epoll_create1(EPOLL_CLOEXEC), "epoll")),
      stop_(must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
  watch(stop_.get(), kSourceStop);
  if (index == 0) {
    timer_ = FileDescriptor(must(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd"));
    startTimer(timer_.get(), kTimerNanoseconds);
    watch(timer_.get(), kSourceTimer);
  }
  // Signals are for Node's main thread.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), ("causeway-" + std::to_string(index)).c_str());
}

Worker::~Worker() {
  const uint64_t one = 1;
  while (write(stop_.get(), &one, sizeof one) < 0 && errno == EINTR) continue;
  thread_.join();
}

void Worker::watchPort(const UdpPort& port) { watch(port.socket(index_), port.id()); }

void Worker::unwatchPort(const UdpPort& port) {
  epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, port.socket(index_), nullptr);
}

void Worker::watchTun(const TunDevice& tun) {
  watch(tun.queue(index_), kSourceTun);
  tunQueue_ = tun.queue(index_);
}

void Worker::fireTimer() { startTimer(timer_.get(), 1); }

void Worker::watch(int fd, uint64_t source) {
  epoll_event event{EPOLLIN, {.u64 = source}};
  must(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
}

void Worker::run() {
  epoll_event events[kEventsAtOnce];
  for (;;) {
    if (pace_.gathers()) gather();
    const bool waits = !timersRunning_ && !pace_.isBusy();
    const int count = epoll_wait(epoll_.get(), events, kEventsAtOnce, waits ? -1 : 0);
    int datagrams = 0;
    for (int i = 0; i < count; i++) {
      if (events[i].data.u64 == kSourceStop) return;
      state_.grace.enter(index_);
      datagrams += handle(events[i].data.u64);
      inbound_.flush();
      state_.grace.leave(index_);
    }
    pace_.note(datagrams, microseconds());
    if (!timersRunning_) continue;
    state_.grace.enter(index_);
    timersRunning_ = timers_.step();
    outbound_.flush();
    state_.grace.leave(index_);
  }
}

/** Lets datagrams gather. Packets from the host go out meanwhile as they come: senders wait for them. */
void Worker::gather() {
  const int64_t until = microseconds() + ReceivePace::kGatherMicroseconds;
  for (int64_t left = ReceivePace::kGatherMicroseconds; left > 0; left = until - microseconds()) {
    if (!waitForTun(left)) return;
    state_.grace.enter(index_);
    receiveFromTun();
    outbound_.flush();
    state_.grace.leave(index_);
  }
}

/** False when the time is over, the worker is to stop, or there is no device to read. */
bool Worker::waitForTun(int64_t microseconds) const {
  pollfd sources[2] = {{stop_.get(), POLLIN, 0}, {tunQueue_.load(std::memory_order_relaxed), POLLIN, 0}};
  const timespec patience{0, microseconds * 1000};
  return ppoll(sources, 2, &patience, nullptr) > 0 && sources[0].revents == 0 && sources[1].revents == POLLIN;
}

int Worker::handle(uint64_t source) {
  if (source == kSourceTun) {
    receiveFromTun();
  } else if (source == kSourceTimer) {
    uint64_t ticks;
    if (read(timer_.get(), &ticks, sizeof ticks) < 0) return 0;
    timers_.start();
    timersRunning_ = true;
  } else if (const UdpPort* port = state_.portOf(source)) {
    // By id, because a port may be gone since epoll told of it.
    return inbound_.receive(*port);
  }
  return 0;
}

void Worker::receiveFromTun() {
  const TunDevice* tun = state_.tun.load(std::memory_order_acquire);
  if (!tun) return;
  uint8_t* place = packet_.get() + kSealHeadroom;
  for (int i = 0; i < kTunReads; i++) {
    const ssize_t length = read(tun->queue(index_), place, kLargestRead);
    if (length < 0) {
      // A device that was deleted under us reports an error for ever: waiting for it would spin.
      if (errno == EBADFD) epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, tun->queue(index_), nullptr);
      return;
    }
    if (static_cast<size_t>(length) <= sizeof(VirtioHeader)) continue;
    VirtioHeader header;
    memcpy(&header, place, sizeof header);
    outbound_.sendFromHost({place + sizeof header, static_cast<size_t>(length) - sizeof header}, header);
  }
}

}  // namespace causeway
