#include "../receive-pace.h"

#include "check.h"

using namespace causeway;

TEST(fewDatagramsAreReadAtOnce) {
  ReceivePace pace;
  // 5,000 a second, one at a time.
  for (int64_t now = 0; now < 1'000'000; now += 200) {
    pace.note(1, now);
    CHECK(!pace.isBusy() && !pace.gathers());
  }
}

TEST(fullFlowIsLetGatherUntilItEnds) {
  ReceivePace pace;
  int64_t now = 0;
  for (; !pace.gathers(); now += 20) {
    pace.note(1, now);
    CHECK(now < 1000);
  }
  for (int i = 0; i < 100; i++) {
    pace.note(20, now += 500);
    CHECK(pace.gathers());
  }
  pace.note(3, now += 500);
  CHECK(!pace.isBusy() && !pace.gathers());
  pace.note(1, now += 500);
  CHECK(!pace.gathers());
}

TEST(aFullBatchIsFollowedAtOnce) {
  ReceivePace pace;
  pace.note(ReceivePace::kFullBatch, 0);
  CHECK(pace.isBusy() && !pace.gathers());
  pace.note(30, 100);
  CHECK(pace.gathers());
}

TEST(roundsWithoutDatagramsAreNoFlow) {
  ReceivePace pace;
  for (int i = 0; i < 1000; i++) pace.note(0, i);
  CHECK(!pace.isBusy());
}
