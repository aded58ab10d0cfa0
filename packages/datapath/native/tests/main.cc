#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "../checksum.h"
#include "../ip-packet.h"
#include "check.h"

namespace causeway::test {

namespace {

struct Test {
  const char* name;
  void (*run)();
};

std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

uint64_t seed = 0;

}  // namespace

bool add(const char* name, void (*run)()) {
  tests().push_back({name, run});
  return true;
}

void fail(const char* file, int line, const char* condition) {
  fprintf(stderr, "%s:%d: CHECK(%s) failed, seed %llu\n", file, line, condition,
          static_cast<unsigned long long>(seed));
  abort();
}

std::mt19937_64& generator() {
  static std::mt19937_64 one(seed);
  return one;
}

std::vector<uint8_t> randomBytes(size_t length) {
  std::vector<uint8_t> bytes(length);
  for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(generator()());
  return bytes;
}

std::vector<uint8_t> buildPacket(const PacketShape& shape) {
  const size_t ipLength = shape.version == 4 ? kIpv4HeaderLength : kIpv6HeaderLength;
  const size_t options = shape.tcp ? shape.options.size() : 0;
  const size_t transportHeader = shape.tcp ? kTcpHeaderLength + options : kUdpHeaderLength;
  std::vector<uint8_t> packet(ipLength + transportHeader + shape.payload.size());
  uint8_t* ip = packet.data();
  const uint8_t protocol = shape.tcp ? kProtocolTcp : kProtocolUdp;
  if (shape.version == 4) {
    ip[0] = 0x45;
    store16(ip + 2, static_cast<uint16_t>(packet.size()));
    store16(ip + 4, shape.id);
    ip[6] = 0x40;
    ip[8] = 64;
    ip[9] = protocol;
    store32(ip + 12, 0x0a080002);
    store32(ip + 16, 0x0a000001);
  } else {
    ip[0] = 0x60;
    store16(ip + 4, static_cast<uint16_t>(packet.size() - ipLength));
    ip[6] = protocol;
    ip[7] = 64;
    ip[8] = 0xfd;
    ip[23] = 2;
    ip[24] = 0xfd;
    ip[39] = 1;
  }
  uint8_t* transport = ip + ipLength;
  store16(transport, shape.sourcePort);
  store16(transport + 2, 443);
  if (shape.tcp) {
    store32(transport + 4, shape.sequence);
    store32(transport + 8, 77);
    transport[12] = static_cast<uint8_t>(transportHeader / 4 << 4);
    transport[13] = shape.flags;
    store16(transport + 14, 500);
    std::copy(shape.options.begin(), shape.options.end(), transport + kTcpHeaderLength);
  } else {
    store16(transport + 4, static_cast<uint16_t>(transportHeader + shape.payload.size()));
  }
  std::copy(shape.payload.begin(), shape.payload.end(), transport + transportHeader);
  fixChecksums(packet);
  return packet;
}

void fixChecksums(std::vector<uint8_t>& packet) {
  const bool v4 = packet[0] >> 4 == 4;
  if (v4) setIpv4HeaderChecksum(packet.data(), kIpv4HeaderLength);
  const MutableBytes transport = MutableBytes(packet).subspan(v4 ? kIpv4HeaderLength : kIpv6HeaderLength);
  const uint8_t protocol = packet[v4 ? 9 : 6];
  const size_t at = protocol == kProtocolTcp ? 16 : 6;
  memset(transport.data() + at, 0, 2);
  const uint64_t pseudo = pseudoHeaderSum(packet.data(), protocol, static_cast<uint32_t>(transport.size()));
  uint16_t checksum = static_cast<uint16_t>(~checksumFold(checksumAdd(pseudo, transport)));
  if (checksum == 0 && protocol == kProtocolUdp) checksum = 0xffff;
  memcpy(transport.data() + at, &checksum, 2);
}

bool packetHolds(Bytes bytes) {
  IpPacket packet;
  if (!parseIpPacket(bytes, packet) || packet.totalLength != bytes.size()) return false;
  if (packet.version == 4 && checksumFold(checksumAdd(0, bytes.first(packet.headerLength))) != 0xffff)
    return false;
  const Bytes transport = bytes.subspan(packet.headerLength);
  const uint64_t pseudo =
      pseudoHeaderSum(bytes.data(), packet.protocol, static_cast<uint32_t>(transport.size()));
  return checksumFold(checksumAdd(pseudo, transport)) == 0xffff;
}

int runAll(int argc, char** argv) {
  seed = argc > 1 ? strtoull(argv[1], nullptr, 10) : std::random_device{}();
  for (const Test& test : tests()) {
    test.run();
    printf("ok %s\n", test.name);
  }
  printf("%zu tests, seed %llu\n", tests().size(), static_cast<unsigned long long>(seed));
  return 0;
}

}  // namespace causeway::test

int main(int argc, char** argv) { return causeway::test::runAll(argc, argv); }
