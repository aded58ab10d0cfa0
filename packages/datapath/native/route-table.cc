#include "route-table.h"

#include <tuple>

namespace causeway {

namespace {

FlatKey sourceKey(const RouteKey& route) {
  return prefixKey(addressKey(route.version, route.source), route.sourceLength);
}

bool isPlain(const RouteKey& route) { return route.sourceLength == 0 && route.metric == 0; }

bool sameSource(const RouteKey& a, const RouteKey& b) {
  return a.sourceLength == b.sourceLength && sourceKey(a) == sourceKey(b);
}

/** Of two routes to one destination. */
bool sameRoute(const RouteKey& a, const RouteKey& b) { return a.metric == b.metric && sameSource(a, b); }

auto order(const RouteSet::Entry& entry) {
  const FlatKey source = sourceKey(entry.route);
  return std::tuple(entry.route.sourceLength, source.a, source.b, entry.route.metric);
}

}  // namespace

RouteSet::RouteSet(std::vector<Entry> entries) : entries_(std::move(entries)) {
  std::ranges::sort(entries_, [](const Entry& a, const Entry& b) { return order(a) < order(b); });
  size_t first = 0;
  for (size_t i = 0; i < entries_.size(); i++) {
    const RouteKey& route = entries_[i].route;
    if (!sameSource(route, entries_[first].route)) first = i;
    flows_.push_back(entries_[i].flow);
    bySource_.set(route.version, route.source, route.sourceLength, uint64_t{first} << 32 | (i + 1 - first));
  }
}

void RouteTable::set(const RouteKey& route, uint64_t flow) {
  std::vector<RouteSet::Entry> entries = entriesAt(route);
  std::erase_if(entries, [&](const RouteSet::Entry& entry) { return sameRoute(entry.route, route); });
  entries.push_back({route, flow});
  put(route, std::move(entries));
}

void RouteTable::erase(const RouteKey& route) {
  std::vector<RouteSet::Entry> entries = entriesAt(route);
  const auto same = [&](const RouteSet::Entry& entry) { return sameRoute(entry.route, route); };
  if (std::erase_if(entries, same) > 0) put(route, std::move(entries));
}

void RouteTable::eraseFlow(uint64_t flow) {
  destinations_.eraseValue(flow);
  // `put` may take a set out: what to change is noted before.
  std::vector<std::shared_ptr<const RouteSet>> changed;
  const auto leads = [&](const RouteSet::Entry& entry) { return entry.flow == flow; };
  for (const auto& [destination, set] : sets_) {
    if (std::ranges::any_of(set->entries(), leads)) changed.push_back(set);
  }
  for (const std::shared_ptr<const RouteSet>& set : changed) {
    std::vector<RouteSet::Entry> entries = set->entries();
    std::erase_if(entries, leads);
    put(set->entries().front().route, std::move(entries));
  }
}

/** Where the longest destination has a set: a shorter one may be the first that takes the source. */
RouteTable::Flows RouteTable::findBySource(uint8_t version, const uint8_t* destination,
                                           const uint8_t* source) const {
  std::span<const uint64_t> several;
  const uint64_t value = destinations_.search(version, destination, [&](uint64_t found) {
    if (!isSet(found)) return true;
    several = setOf(found).find(version, source);
    return !several.empty();
  });
  return several.empty() ? Flows(value) : Flows(several);
}

RouteTable::Destination RouteTable::destinationOf(const RouteKey& route) {
  const FlatKey key = prefixKey(addressKey(route.version, route.destination), route.destinationLength);
  return {route.version, key.a, key.b, route.destinationLength};
}

/** The routes of a route's destination. */
std::vector<RouteSet::Entry> RouteTable::entriesAt(const RouteKey& route) const {
  const uint64_t value = destinations_.at(route.version, route.destination, route.destinationLength);
  if (value == 0) return {};
  if (isSet(value)) return setOf(value).entries();
  RouteKey plain = route;
  plain.sourceLength = plain.metric = 0;
  return {{plain, value}};
}

/** Makes these the routes of a destination, in the least that it takes. */
void RouteTable::put(const RouteKey& at, std::vector<RouteSet::Entry> entries) {
  const uint8_t version = at.version;
  const unsigned length = at.destinationLength;
  if (entries.empty() || (entries.size() == 1 && isPlain(entries.front().route))) {
    if (entries.empty()) destinations_.erase(version, at.destination, length);
    else destinations_.set(version, at.destination, length, entries.front().flow);
    sets_.erase(destinationOf(at));
    return;
  }
  auto set = std::make_shared<const RouteSet>(std::move(entries));
  destinations_.set(version, at.destination, length, reinterpret_cast<uint64_t>(set.get()) + 1);
  sets_[destinationOf(at)] = std::move(set);
}

}  // namespace causeway
