#include "lpm.h"

namespace causeway {

namespace {

/** The upper `bits` (0–64) set. */
uint64_t maskOf(unsigned bits) { return bits == 0 ? 0 : ~uint64_t{0} << (64 - bits); }

FlatKey loadAddress(uint8_t version, const uint8_t* address) {
  if (version == 4) return {uint64_t{load32(address)} << 32, 0, 0};
  return {load64(address), load64(address + 8), 0};
}

FlatKey masked(const FlatKey& key, unsigned length) {
  if (length <= 64) return {key.a & maskOf(length), 0, 0};
  return {key.a, key.b & maskOf(length - 64), 0};
}

}  // namespace

uint64_t Lpm::find(uint8_t version, const uint8_t* address) const {
  const Family& family = version == 4 ? v4_ : v6_;
  const FlatKey key = loadAddress(version, address);
  for (const Family::Level& level : family.levels) {
    const uint64_t value = level.table->find(masked(key, level.length));
    if (value != 0) return value;
  }
  return 0;
}

void Lpm::set(uint8_t version, const uint8_t* address, unsigned length, uint64_t value) {
  Family& family = this->family(version);
  family.writable(length).set(masked(loadAddress(version, address), length), value);
  family.relist();
}

bool Lpm::erase(uint8_t version, const uint8_t* address, unsigned length) {
  Family& family = this->family(version);
  const FlatKey key = masked(loadAddress(version, address), length);
  if (!family.tables[length] || family.tables[length]->find(key) == 0) return false;
  family.writable(length).erase(key);
  family.relist();
  return true;
}

void Lpm::eraseValue(uint64_t value) {
  for (Family* family : {&v4_, &v6_}) {
    for (unsigned length = 0; length <= kLongest; length++) {
      const SharedTable* table = family->tables[length].get();
      if (table && table->holdsValue(value)) family->writable(length).eraseValue(value);
    }
    family->relist();
  }
}

SharedTable& Lpm::Family::writable(unsigned length) {
  std::shared_ptr<SharedTable>& table = tables[length];
  if (!table) table = std::make_shared<SharedTable>();
  else if (table.use_count() > 1) table = std::make_shared<SharedTable>(*table);
  return *table;
}

void Lpm::Family::relist() {
  levels.clear();
  for (unsigned length = kLongest + 1; length-- > 0;) {
    if (tables[length] && tables[length]->size() > 0) levels.push_back({length, tables[length].get()});
  }
}

}  // namespace causeway
