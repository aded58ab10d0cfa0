#include "send-batch.h"

#include "ecn.h"
#include "flow-events.h"

namespace causeway {

SendBatch::SendBatch(DatapathState& state, size_t lane)
    : state_(state), lane_(lane), buffer_(new uint8_t[kCapacity]) {}

uint8_t* SendBatch::reserve(size_t length) {
  if (used_ + length > kCapacity || runCount_ == kMostRuns) flush();
  return buffer_.get() + used_;
}

void SendBatch::commit(const Way& way, size_t length, uint32_t innerPackets, uint32_t innerBytes) {
  if (!extend(way, length)) {
    runs_[runCount_++] = {&way.flow, &way.path, &way.key, way.ecn, used_, 0, static_cast<uint32_t>(length),
                          0,         0,         0,        false};
  }
  Run& run = runs_[runCount_ - 1];
  run.length += length;
  run.segments++;
  run.innerPackets += innerPackets;
  run.innerBytes += innerBytes;
  run.ended = length < run.segmentSize;
  used_ += length;
}

void SendBatch::flush() {
  if (runCount_ == 0) return;
  for (size_t i = 0; i < runCount_; i++) account(runs_[i]);
  for (size_t i = 0; i < runCount_;) i += sendFrom(i);
  used_ = 0;
  runCount_ = 0;
}

bool SendBatch::extend(const Way& way, size_t length) {
  if (runCount_ == 0) return false;
  const Run& run = runs_[runCount_ - 1];
  return run.path == &way.path && run.key == &way.key && run.ecn == way.ecn && !run.ended &&
         length <= run.segmentSize && run.segments < kMostSegments && run.length + length <= kMostBytes;
}

void SendBatch::account(const Run& run) {
  Flow& flow = *run.flow;
  flow.lastSent.store(state_.now(), std::memory_order_relaxed);
  if (run.innerPackets > 0) {
    flow.count(kPacketsSent, run.innerPackets);
    flow.count(kBytesSent, run.innerBytes);
  }
  chargeKey(state_, flow, *run.key, run.segments, run.innerBytes);
}

bool SendBatch::segmentable(const Run& run) const {
  return run.segments > 1 && run.path->port->segments() &&
         run.segmentSize < run.path->segmentLimit.load(std::memory_order_relaxed);
}

void SendBatch::addControl(const Run& run, msghdr& message, SendControl& control) const {
  if (run.path->local.isSet()) control.addSource(message, run.path->local);
  if (run.ecn != kNotEct) control.addEcn(message, run.ecn);
}

/** Sends the runs from `first` that share a socket, and gives how many are done with. */
size_t SendBatch::sendFrom(size_t first) {
  mmsghdr messages[kMostRuns];
  iovec parts[kMostRuns];
  SendControl controls[kMostRuns];
  const int socket = runs_[first].path->port->socket(lane_);
  unsigned count = 0;
  for (size_t i = first; i < runCount_; i++, count++) {
    Run& run = runs_[i];
    if (run.path->port->socket(lane_) != socket) break;
    if (run.segments > 1 && !segmentable(run)) {
      if (count > 0) break;
      sendSingly(run);
      return 1;
    }
    parts[count] = {buffer_.get() + run.offset, run.length};
    msghdr& message = messages[count].msg_hdr;
    message = {&run.path->remote.any, run.path->remote.length(), &parts[count], 1, nullptr, 0, 0};
    if (run.segments > 1) controls[count].addSegmentSize(message, run.segmentSize);
    addControl(run, message, controls[count]);
  }
  const int sent = sendmmsg(socket, messages, count, MSG_DONTWAIT);
  if (sent > 0) return static_cast<size_t>(sent);
  if (errno == EINTR) return 0;
  handleFailure(runs_[first], errno);
  return 1;
}

void SendBatch::handleFailure(Run& run, int error) {
  const bool interfaceRefused = error == EIO || error == EOPNOTSUPP;
  const bool sizeRefused = error == EINVAL || error == EMSGSIZE;
  if (run.segments == 1 || !(interfaceRefused || sizeRefused)) return drop(run, run.segments);
  if (interfaceRefused) run.path->port->stopSegmenting();
  else run.path->segmentLimit.store(run.segmentSize, std::memory_order_relaxed);
  sendSingly(run);
}

/** Sends the datagrams of a run one by one, for the kernel to fragment where it must. */
void SendBatch::sendSingly(Run& run) {
  mmsghdr messages[kMostSegments];
  iovec parts[kMostSegments];
  SendControl control;
  msghdr common{&run.path->remote.any, run.path->remote.length(), nullptr, 1, nullptr, 0, 0};
  addControl(run, common, control);
  size_t offset = run.offset;
  for (uint32_t i = 0; i < run.segments; i++) {
    const size_t length = std::min<size_t>(run.segmentSize, run.offset + run.length - offset);
    parts[i] = {buffer_.get() + offset, length};
    messages[i].msg_hdr = common;
    messages[i].msg_hdr.msg_iov = &parts[i];
    offset += length;
  }
  uint32_t done = 0;
  while (done < run.segments) {
    const int sent =
        sendmmsg(run.path->port->socket(lane_), messages + done, run.segments - done, MSG_DONTWAIT);
    if (sent > 0) {
      done += static_cast<uint32_t>(sent);
    } else if (errno != EINTR) {
      drop(run, 1);
      done++;
    }
  }
}

/** Takes back what `account` counted as sent. */
void SendBatch::drop(Run& run, uint32_t segments) {
  Flow& flow = *run.flow;
  flow.count(kSendDrops, segments);
  if (run.innerPackets == 0) return;
  const uint64_t bytes = run.innerBytes * segments / run.segments;
  flow.counters[kPacketsSent].fetch_sub(segments, std::memory_order_relaxed);
  flow.counters[kBytesSent].fetch_sub(bytes, std::memory_order_relaxed);
}

}  // namespace causeway
