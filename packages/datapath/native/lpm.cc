#include "lpm.h"

namespace causeway {

uint64_t Lpm::find(uint8_t version, const uint8_t* address) const {
  return search(version, address, [](uint64_t) { return true; });
}

uint64_t Lpm::at(uint8_t version, const uint8_t* address, unsigned length) const {
  const SharedTable* table = (version == 4 ? v4_ : v6_).tables[length].get();
  return table ? table->find(prefixKey(addressKey(version, address), length)) : 0;
}

void Lpm::set(uint8_t version, const uint8_t* address, unsigned length, uint64_t value) {
  Family& family = this->family(version);
  family.writable(length).set(prefixKey(addressKey(version, address), length), value);
  family.relist();
}

bool Lpm::erase(uint8_t version, const uint8_t* address, unsigned length) {
  Family& family = this->family(version);
  const FlatKey key = prefixKey(addressKey(version, address), length);
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
