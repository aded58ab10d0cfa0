#include "../spi-table.h"

#include <map>
#include <thread>

#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace causeway {

/** In place of the datapath's, of which the table only passes on where it is. */
struct Flow {};

}  // namespace causeway

namespace {

Flow flow;

std::unique_ptr<SpiEntry> entryOf(uint32_t spi) {
  const EspSaOptions options{.keyId = spi,
                             .sendSpi = spi,
                             .sequence = 1,
                             .cipher = CipherKind::kAes128Gcm,
                             .digest = DigestKind::kSha1,
                             .extendedSequence = false,
                             .replayWindow = 64,
                             .send = {},
                             .receive = {},
                             .selectors = {},
                             .packetLimit = 0,
                             .byteLimit = 0,
                             .hardPacketLimit = 0,
                             .hardByteLimit = 0};
  return std::make_unique<SpiEntry>(options, 1, flow);
}

}  // namespace

TEST(spiTableEqualsAMap) {
  SpiTable table;
  std::map<uint32_t, std::unique_ptr<SpiEntry>> all;
  for (int i = 0; i < 20'000; i++) {
    // A bucket has several of them; the others of its chain must stay.
    const uint32_t spi = static_cast<uint32_t>(256 + below(2000) * 16384);
    const auto found = all.find(spi);
    CHECK(table.find(spi) == (found == all.end() ? nullptr : found->second.get()));
    if (found != all.end() && below(2)) {
      table.remove(*found->second);
      all.erase(found);
      CHECK(!table.find(spi));
    } else if (found == all.end()) {
      std::unique_ptr<SpiEntry>& entry = all[spi] = entryOf(spi);
      table.add(*entry);
      CHECK(table.find(spi) == entry.get());
    }
  }
}

TEST(spiTableFindsTheSuccessorWhileBothAreThere) {
  SpiTable table;
  const auto first = entryOf(1000), second = entryOf(1000);
  table.add(*first);
  table.add(*second);
  CHECK(table.find(1000) == second.get());
  table.remove(*first);
  CHECK(table.find(1000) == second.get());
  table.remove(*second);
  CHECK(!table.find(1000));
}

TEST(spiTableKeepsWhatStaysFoundWhileOthersComeAndGo) {
  SpiTable table;
  std::vector<std::unique_ptr<SpiEntry>> stay, move;
  for (uint32_t i = 0; i < 64; i++) (i % 2 ? stay : move).push_back(entryOf(256 + i));
  for (const auto& entry : stay) table.add(*entry);
  std::atomic<bool> done{false};
  std::atomic<int> missed{0};
  std::thread reader([&] {
    while (!done) {
      for (const auto& entry : stay) missed += table.find(entry->spi()) != entry.get();
    }
  });
  for (int round = 0; round < 2000; round++) {
    for (const auto& entry : move) table.add(*entry);
    for (const auto& entry : move) table.remove(*entry);
  }
  done = true;
  reader.join();
  CHECK(missed == 0);
}
