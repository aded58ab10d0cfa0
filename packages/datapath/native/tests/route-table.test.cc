#include "../route-table.h"

#include <cstring>

#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

struct Listed {
  RouteKey key;
  uint64_t flow;
};

bool covers(const uint8_t (&prefix)[16], unsigned length, const uint8_t* address) {
  for (unsigned bit = 0; bit < length; bit++) {
    if ((prefix[bit / 8] ^ address[bit / 8]) >> (7 - bit % 8) & 1) return false;
  }
  return true;
}

bool same(const RouteKey& a, const RouteKey& b) {
  return a.version == b.version && a.destinationLength == b.destinationLength && a.metric == b.metric &&
         a.sourceLength == b.sourceLength && covers(a.destination, a.destinationLength, b.destination) &&
         covers(a.source, a.sourceLength, b.source);
}

/** What the table should say: the flows of the best source at the best destination, by metric. */
std::vector<uint64_t> scan(const std::vector<Listed>& routes, uint8_t version, const uint8_t* destination,
                           const uint8_t* source) {
  std::vector<Listed> best;
  const auto rank = [](const RouteKey& key) { return key.destinationLength * 1000 + key.sourceLength; };
  for (const Listed& route : routes) {
    const RouteKey& key = route.key;
    if (key.version != version || !covers(key.destination, key.destinationLength, destination) ||
        !covers(key.source, key.sourceLength, source))
      continue;
    if (!best.empty() && rank(best[0].key) > rank(key)) continue;
    if (!best.empty() && rank(best[0].key) < rank(key)) best.clear();
    best.push_back(route);
  }
  std::ranges::sort(best, {}, [](const Listed& route) { return route.key.metric; });
  std::vector<uint64_t> flows;
  for (const Listed& route : best) flows.push_back(route.flow);
  return flows;
}

/** Few distinct bits, so that prefixes nest and collide. */
void fillNear(uint8_t (&address)[16], uint8_t version) {
  for (size_t i = 0; i < (version == 4 ? 4u : 16u); i++)
    address[i] = static_cast<uint8_t>(0x0a ^ (below(3) == 0 ? below(4) : 0));
}

RouteKey someKey(uint8_t version) {
  RouteKey key{};
  key.version = version;
  fillNear(key.destination, version);
  fillNear(key.source, version);
  const unsigned longest = version == 4 ? 32 : 128;
  // Few lengths, so that several routes meet at one destination.
  key.destinationLength = static_cast<unsigned>(below(3) * longest / 4);
  key.sourceLength = below(2) ? 0 : static_cast<unsigned>(below(longest + 1));
  key.metric = static_cast<uint16_t>(below(3) ? 0 : below(3));
  return key;
}

uint64_t flowOf(uint64_t number) { return number * 8; }

void checkFound(const RouteTable& table, const std::vector<Listed>& routes) {
  const uint8_t version = below(2) ? 4 : 6;
  uint8_t destination[16]{}, source[16]{};
  fillNear(destination, version);
  fillNear(source, version);
  const std::vector<uint64_t> wanted = scan(routes, version, destination, source);
  const RouteTable::Flows found = table.find(version, destination, source);
  for (uint64_t n = 1; n <= 9; n++) {
    const bool leads = std::ranges::find(wanted, flowOf(n)) != wanted.end();
    CHECK(found.includes(flowOf(n)) == leads);
  }
  const uint64_t unready = flowOf(1 + below(9));
  uint64_t picked = wanted.empty() ? 0 : wanted.front();
  for (size_t i = wanted.size(); i-- > 0;) {
    if (wanted[i] != unready) picked = wanted[i];
  }
  CHECK(found.pick([&](uint64_t flow) { return flow != unready; }) == picked);
}

}  // namespace

TEST(routeTableEqualsALinearScan) {
  for (int round = 0; round < 20; round++) {
    RouteTable table;
    std::vector<Listed> routes;
    for (int step = 0; step < 200; step++) {
      const RouteKey key = someKey(below(2) ? 4 : 6);
      const uint64_t flow = flowOf(1 + below(9));
      const auto equal = [&](const Listed& route) { return same(route.key, key); };
      if (below(12) == 0) {
        table.eraseFlow(flow);
        std::erase_if(routes, [&](const Listed& route) { return route.flow == flow; });
      } else if (below(4) == 0) {
        const RouteKey gone = routes.empty() || below(2) ? key : routes[below(routes.size())].key;
        table.erase(gone);
        std::erase_if(routes, [&](const Listed& route) { return same(route.key, gone); });
      } else {
        table.set(key, flow);
        std::erase_if(routes, equal);
        routes.push_back({key, flow});
      }
      for (int probe = 0; probe < 20; probe++) checkFound(table, routes);
    }
  }
}

TEST(aCopyOfARouteTableStaysAsItWas) {
  for (int round = 0; round < 20; round++) {
    auto table = std::make_unique<RouteTable>();
    for (int i = 0; i < 40; i++) table->set(someKey(4), flowOf(1 + below(9)));
    const RouteTable copy = *table;
    std::vector<RouteTable::Flows> before;
    uint8_t pairs[30][2][16]{};
    for (auto& [destination, source] : pairs) {
      fillNear(destination, 4);
      fillNear(source, 4);
      before.push_back(table->find(4, destination, source));
    }
    for (int i = 0; i < 40; i++) table->set(someKey(4), flowOf(1 + below(9)));
    for (uint64_t n = 1; n <= 9; n++) table->eraseFlow(flowOf(n));
    table.reset();
    // What was found before is still there: readers hold it until their batch ends.
    for (size_t i = 0; i < std::size(pairs); i++) {
      const RouteTable::Flows now = copy.find(4, pairs[i][0], pairs[i][1]);
      for (uint64_t n = 1; n <= 9; n++) CHECK(now.includes(flowOf(n)) == before[i].includes(flowOf(n)));
    }
  }
}
