#include "../throughput-limit.h"

#include <thread>
#include <vector>

#include "check.h"

using namespace causeway;

TEST(withoutALimitEverythingGoesOn) {
  ThroughputLimit limit;
  CHECK(!limit.isOn());
  for (int i = 0; i < 1000; i++) CHECK(limit.admits(65'535, 0));
  CHECK(limit.dropped() == 0);
}

TEST(whatGoesOnInASecondIsTheRateAndABurst) {
  ThroughputLimit limit;
  limit.set(1'000'000);
  uint64_t bytes = 0;
  uint64_t packets = 0;
  for (int64_t now = 0; now < 1'000; now++) {
    for (int i = 0; i < 10; i++, packets++) bytes += limit.admits(1'400, now) ? 1'400 : 0;
  }
  CHECK(bytes >= 1'100'000 && bytes <= 1'103'000);
  CHECK(limit.dropped() == packets - bytes / 1'400);
}

TEST(timeWithoutTrafficSavesNoMoreThanABurst) {
  ThroughputLimit limit;
  limit.set(1'000'000);
  int admitted = 0;
  for (int i = 0; i < 1'000; i++) admitted += limit.admits(1'000, 60'000) ? 1 : 0;
  CHECK(admitted == 101);
}

TEST(aPacketLargerThanTheBurstGoesOnByItself) {
  ThroughputLimit limit;
  limit.set(100);
  CHECK(limit.admits(1'000, 5'000));
  CHECK(!limit.admits(1, 14'800));
  CHECK(limit.admits(1, 14'900));
}

TEST(aLimitThatIsTakenAwayHoldsNothingBack) {
  ThroughputLimit limit;
  limit.set(1);
  CHECK(limit.admits(1'000, 0));
  CHECK(!limit.admits(1, 0));
  limit.set(0);
  CHECK(limit.admits(1'000'000, 0));
}

TEST(threadsShareOneLimit) {
  ThroughputLimit limit;
  limit.set(1'000'000);
  std::atomic<uint64_t> admitted{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; i++)
    threads.emplace_back([&] {
      for (int j = 0; j < 10'000; j++) admitted += limit.admits(100, 0) ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(admitted == 1'001);
  CHECK(limit.dropped() == 40'000 - 1'001);
}
