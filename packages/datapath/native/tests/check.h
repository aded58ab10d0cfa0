#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "../bytes.h"

/** Registers a test; the runner in main.cc runs all of them. */
#define TEST(name)                                                       \
  static void name();                                                    \
  static const bool name##Registered = causeway::test::add(#name, name); \
  static void name()

/** Fails the running test with file, line and seed. */
#define CHECK(condition)                                                    \
  do {                                                                      \
    if (!(condition)) causeway::test::fail(__FILE__, __LINE__, #condition); \
  } while (false)

namespace causeway::test {

bool add(const char* name, void (*run)());
[[noreturn]] void fail(const char* file, int line, const char* condition);

/** Random numbers of the run's seed, which is printed when a test fails. */
std::mt19937_64& generator();
inline uint64_t below(uint64_t limit) { return generator()() % limit; }
std::vector<uint8_t> randomBytes(size_t length);

/** A packet to build on: TCP or UDP in IPv4 or IPv6, with correct lengths and checksums. */
struct PacketShape {
  int version = 4;
  bool tcp = true;
  uint32_t sequence = 1;
  uint16_t id = 1;
  uint8_t flags = 0x10;
  uint16_t sourcePort = 1000;
  std::vector<uint8_t> options = {};
  std::vector<uint8_t> payload = {};
};
std::vector<uint8_t> buildPacket(const PacketShape& shape);

/** Writes IP header and transport checksum anew. */
void fixChecksums(std::vector<uint8_t>& packet);

/** Whether lengths, IP header checksum and transport checksum of a TCP or UDP packet hold. */
bool packetHolds(Bytes packet);

}  // namespace causeway::test
