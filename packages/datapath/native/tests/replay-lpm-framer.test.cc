#include <map>
#include <set>

#include "../lpm.h"
#include "../replay-window.h"
#include "../stream-framer.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

TEST(replayWindowEqualsASet) {
  for (int round = 0; round < 60; round++) {
    // OpenVPN's width, and those that ESP may have.
    const uint64_t width = round % 3 == 0 ? ReplayWindow::kWidest : 32 + below(1024 - 31);
    ReplayWindow window(width);
    std::set<uint64_t> seen;
    uint64_t newest = 0;
    const uint64_t base = round % 2 ? 0 : generator()() >> 1;
    for (int i = 0; i < 4000; i++) {
      const uint64_t spread = below(20) == 0 ? 5000 : 64;
      const uint64_t around = std::max(base, newest) + below(spread);
      const uint64_t id =
          around > below(3000) && below(2) ? around - below(std::min<uint64_t>(around, 2500)) : around;
      const auto verdict = window.accept(id);
      const bool fresh = id != 0 && !seen.contains(id) && (id > newest || newest - id < width);
      CHECK((verdict != ReplayWindow::Verdict::kReplay) == fresh);
      CHECK((verdict == ReplayWindow::Verdict::kNewest) == (id > newest && id != 0));
      if (fresh) seen.insert(id);
      newest = std::max(newest, id);
    }
  }
}

TEST(replayWindowAtTheEndOfItsRange) {
  ReplayWindow window;
  CHECK(window.accept(0) == ReplayWindow::Verdict::kReplay);
  CHECK(window.accept(UINT64_MAX) == ReplayWindow::Verdict::kNewest);
  CHECK(window.accept(UINT64_MAX) == ReplayWindow::Verdict::kReplay);
  CHECK(window.accept(UINT64_MAX - 2047) == ReplayWindow::Verdict::kLate);
  CHECK(window.accept(UINT64_MAX - 2048) == ReplayWindow::Verdict::kReplay);
}

namespace {

struct Route {
  uint8_t version;
  std::vector<uint8_t> address;
  unsigned length;
  uint64_t value;
};

bool covers(const Route& route, uint8_t version, const std::vector<uint8_t>& address) {
  if (route.version != version) return false;
  for (unsigned bit = 0; bit < route.length; bit++) {
    if ((route.address[bit / 8] ^ address[bit / 8]) >> (7 - bit % 8) & 1) return false;
  }
  return true;
}

uint64_t scan(const std::vector<Route>& routes, uint8_t version, const std::vector<uint8_t>& address) {
  const Route* best = nullptr;
  for (const Route& route : routes) {
    if (covers(route, version, address) && (!best || route.length >= best->length)) best = &route;
  }
  return best ? best->value : 0;
}

/** Few distinct bits, so that prefixes nest and collide. */
std::vector<uint8_t> nearAddress(uint8_t version) {
  std::vector<uint8_t> address(version == 4 ? 4 : 16, 0x0a);
  for (uint8_t& byte : address) byte = static_cast<uint8_t>(byte ^ (below(3) == 0 ? below(4) : 0));
  return address;
}

}  // namespace

TEST(lpmEqualsALinearScan) {
  for (int round = 0; round < 20; round++) {
    Lpm lpm;
    std::vector<Route> routes;
    std::vector<Lpm> published;
    for (int step = 0; step < 300; step++) {
      const uint8_t version = below(2) ? 4 : 6;
      if (below(4) > 0) {
        Route route{version, nearAddress(version), static_cast<unsigned>(below(version == 4 ? 33 : 129)),
                    1 + below(50)};
        std::erase_if(routes, [&](const Route& r) {
          return r.length == route.length && covers(r, version, route.address);
        });
        lpm.set(version, route.address.data(), route.length, route.value);
        routes.push_back(std::move(route));
      } else if (below(8) == 0) {
        const uint64_t value = 1 + below(50);
        lpm.eraseValue(value);
        std::erase_if(routes, [&](const Route& r) { return r.value == value; });
      } else if (!routes.empty()) {
        const size_t i = below(routes.size());
        CHECK(lpm.erase(routes[i].version, routes[i].address.data(), routes[i].length));
        routes.erase(routes.begin() + static_cast<ptrdiff_t>(i));
      }
      // Copies are what readers hold: changing the original must not change them.
      if (step == 150) published.push_back(lpm);
      for (int probe = 0; probe < 20; probe++) {
        const uint8_t v = below(2) ? 4 : 6;
        const std::vector<uint8_t> address = nearAddress(v);
        CHECK(lpm.find(v, address.data()) == scan(routes, v, address));
      }
    }
  }
}

TEST(aCopyOfAnLpmStaysAsItWas) {
  Lpm lpm;
  const uint8_t a[4] = {10, 0, 0, 1}, b[4] = {10, 0, 0, 2};
  lpm.set(4, a, 32, 1);
  const Lpm copy = lpm;
  lpm.set(4, b, 32, 2);
  lpm.set(4, a, 32, 3);
  CHECK(copy.find(4, a) == 1 && copy.find(4, b) == 0);
  CHECK(lpm.find(4, a) == 3 && lpm.find(4, b) == 2);
}

TEST(framesComeOutTheSameHoweverCut) {
  for (int round = 0; round < 200; round++) {
    std::vector<std::vector<uint8_t>> sent, taken;
    std::vector<uint8_t> stream;
    for (uint64_t i = 0; i < 1 + below(30); i++) {
      sent.push_back(randomBytes(1 + below(below(5) == 0 ? StreamFramer::kLongestFrame : 200)));
      stream.push_back(static_cast<uint8_t>(sent.back().size() >> 8));
      stream.push_back(static_cast<uint8_t>(sent.back().size()));
      stream.insert(stream.end(), sent.back().begin(), sent.back().end());
    }
    StreamFramer framer;
    for (size_t at = 0; at < stream.size();) {
      const size_t length = std::min(stream.size() - at, below(3) ? 1 + below(5000) : 1 + below(3));
      // A chunk of its own, so that the sanitizer sees a frame that outlives it.
      const std::vector<uint8_t> chunk(stream.begin() + static_cast<ptrdiff_t>(at),
                                       stream.begin() + static_cast<ptrdiff_t>(at + length));
      CHECK(framer.feed(chunk, [&](Bytes packet) { taken.emplace_back(packet.begin(), packet.end()); }));
      at += length;
    }
    CHECK(taken == sent);
  }
}

TEST(aFrameThatIsTooLongKillsTheStream) {
  for (const size_t cut : {1u, 2u, 100u}) {
    StreamFramer framer;
    const std::vector<uint8_t> bytes(100, 0x40 + (cut == 2));
    bool alive = true;
    for (size_t at = 0; at < bytes.size(); at += cut)
      alive = framer.feed(Bytes(bytes).subspan(at, std::min(cut, bytes.size() - at)), [](Bytes) {});
    CHECK(!alive && framer.fault().ends_with(" bytes, more than 16384"));
  }
}

TEST(anEmptyFrameKillsTheStream) {
  for (const size_t cut : {0u, 1u}) {
    StreamFramer framer;
    const uint8_t bytes[] = {0, 1, 7, 0, 0, 0, 1, 8};
    int taken = 0;
    const auto count = [&](Bytes) { taken++; };
    if (cut) CHECK(framer.feed(Bytes(bytes, 4), count));
    CHECK(!framer.feed(Bytes(bytes).subspan(cut ? 4 : 0), count));
    CHECK(!framer.feed(Bytes(bytes), count));
    CHECK(taken == 1);
  }
}
