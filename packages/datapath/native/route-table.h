#pragma once

#include <algorithm>
#include <map>
#include <span>

#include "lpm.h"

namespace causeway {

/** Which packets a route is for, and how much it is wanted. Host bits are ignored. */
struct RouteKey {
  /** 4 or 6. */
  uint8_t version;
  uint8_t destination[16];
  unsigned destinationLength;
  uint8_t source[16];
  /** 0: any source. */
  unsigned sourceLength;
  /** The least is asked first. */
  uint16_t metric;
};

/** The routes of one destination prefix, where it has more than one or asks for a source. */
class RouteSet {
 public:
  struct Entry {
    RouteKey route;
    uint64_t flow;
  };

  RouteSet() = default;
  /** Of one destination, and each source and metric once. */
  explicit RouteSet(std::vector<Entry> entries);

  const std::vector<Entry>& entries() const { return entries_; }
  /** The flows for the longest source prefix that holds the address, by metric; none: no route is for it. */
  std::span<const uint64_t> find(uint8_t version, const uint8_t* source) const {
    const uint64_t group = bySource_.find(version, source);
    return group == 0 ? std::span<const uint64_t>{} : std::span(flows_).subspan(group >> 32, group & kCount);
  }

 private:
  static constexpr uint64_t kCount = UINT32_MAX;

  /** By source, flows for the same one together and by metric. */
  std::vector<Entry> entries_;
  std::vector<uint64_t> flows_;
  /** To the first of `flows_`, in the upper half, and their number. */
  Lpm bySource_;
};

/**
 * From the addresses of a packet to the flows that may carry it: the longest destination prefix that has a
 * route for the packet's source decides, and there the longest source prefix. A destination with one route
 * for every source, as a client's, costs what it does in an Lpm. Copies share what neither has changed. Flows
 * are addresses, of which the lowest bit is 0; 0 is none.
 */
class RouteTable {
 public:
  /** The flows of the routes that decide, by metric. */
  class Flows {
   public:
    explicit Flows(uint64_t one) : value_(one), number_(0) {}
    explicit Flows(std::span<const uint64_t> several)
        : value_(reinterpret_cast<uint64_t>(several.data())), number_(several.size()) {}

    bool includes(uint64_t flow) const {
      return number_ == 0 ? value_ == flow : std::ranges::find(several(), flow) != several().end();
    }
    /** The first that is `ready`; the first of all when none is, or there is but one. 0: there is none. */
    template <typename Ready>
    uint64_t pick(Ready&& ready) const {
      if (number_ == 0) return value_;
      const auto found = std::ranges::find_if(several(), ready);
      return found == several().end() ? several().front() : *found;
    }

   private:
    std::span<const uint64_t> several() const { return {reinterpret_cast<const uint64_t*>(value_), number_}; }

    /** In two registers: the one flow, or where several are. */
    uint64_t value_;
    /** 0: there is one, or none. */
    size_t number_;
  };

  Flows find(uint8_t version, const uint8_t* destination, const uint8_t* source) const {
    const uint64_t value = destinations_.find(version, destination);
    return isSet(value) ? findBySource(version, destination, source) : Flows(value);
  }

  /** Adds a route, or moves the one that is equal to it. */
  void set(const RouteKey& route, uint64_t flow);
  /** Removes a route; one that is not there is left so. */
  void erase(const RouteKey& route);
  /** Removes all routes to a flow. */
  void eraseFlow(uint64_t flow);

 private:
  /** Version, prefix and its length. */
  using Destination = std::array<uint64_t, 4>;

  static bool isSet(uint64_t value) { return value & 1; }
  static const RouteSet& setOf(uint64_t value) { return *reinterpret_cast<const RouteSet*>(value - 1); }
  Flows findBySource(uint8_t version, const uint8_t* destination, const uint8_t* source) const;
  static Destination destinationOf(const RouteKey& route);
  std::vector<RouteSet::Entry> entriesAt(const RouteKey& route) const;
  void put(const RouteKey& at, std::vector<RouteSet::Entry> entries);

  /** To a flow, or to a set: its address and 1. */
  Lpm destinations_;
  std::map<Destination, std::shared_ptr<const RouteSet>> sets_;
};

}  // namespace causeway
