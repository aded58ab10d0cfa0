#include "test-tun.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include "segment.h"

namespace causeway {

namespace {

constexpr int kBuffer = 4 << 20;

}  // namespace

TestTun::TestTun() {
  int ends[2];
  must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), "socketpair");
  datapath_ = FileDescriptor(ends[0]);
  host_ = FileDescriptor(ends[1]);
  for (const int end : ends) {
    // Without CAP_NET_ADMIN a smaller one has to do.
    if (setsockopt(end, SOL_SOCKET, SO_SNDBUFFORCE, &kBuffer, sizeof kBuffer) == 0) continue;
    setsockopt(end, SOL_SOCKET, SO_SNDBUF, &kBuffer, sizeof kBuffer);
  }
}

void TestTun::write(Bytes packet) {
  VirtioHeader header{};
  iovec parts[2] = {{&header, sizeof header}, {const_cast<uint8_t*>(packet.data()), packet.size()}};
  must(static_cast<int>(writev(host_.get(), parts, 2)), "the test's TUN device");
}

std::vector<std::vector<uint8_t>> TestTun::read() {
  std::vector<std::vector<uint8_t>> packets;
  std::vector<uint8_t> buffer(65536 + sizeof(VirtioHeader));
  for (;;) {
    const ssize_t length = ::read(host_.get(), buffer.data(), buffer.size());
    if (length <= static_cast<ssize_t>(sizeof(VirtioHeader))) return packets;
    VirtioHeader header;
    memcpy(&header, buffer.data(), sizeof header);
    Segmenter segmenter;
    const MutableBytes whole =
        MutableBytes(buffer).subspan(sizeof header, static_cast<size_t>(length) - sizeof header);
    if (!segmenter.start(whole, header)) continue;
    MutableBytes packet;
    while (segmenter.next(packet)) packets.emplace_back(packet.begin(), packet.end());
  }
}

}  // namespace causeway
