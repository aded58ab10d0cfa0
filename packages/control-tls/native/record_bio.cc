#include "record_bio.h"

#include <algorithm>

namespace causeway::control_tls {

namespace {

RecordWire& wireOf(BIO* bio) { return *static_cast<RecordWire*>(BIO_get_data(bio)); }

int readRecords(BIO* bio, char* target, std::size_t size, std::size_t* taken) {
  RecordWire& wire = wireOf(bio);
  BIO_clear_retry_flags(bio);
  *taken = wire.stopped ? 0 : std::min(size, wire.incoming.size());
  if (*taken == 0) {
    if (!wire.stopped) BIO_set_retry_read(bio);
    return 0;
  }
  std::copy_n(wire.incoming.begin(), *taken, reinterpret_cast<std::uint8_t*>(target));
  wire.incoming = wire.incoming.subspan(*taken);
  return 1;
}

int writeRecords(BIO* bio, const char* source, std::size_t size, std::size_t* taken) {
  Bytes& outgoing = wireOf(bio).outgoing;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(source);
  outgoing.insert(outgoing.end(), bytes, bytes + size);
  *taken = size;
  return 1;
}

long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

const BIO_METHOD* recordMethod() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "TLS records in memory");
    if (made == nullptr) return made;
    BIO_meth_set_read_ex(made, readRecords);
    BIO_meth_set_write_ex(made, writeRecords);
    BIO_meth_set_ctrl(made, control);
    return made;
  }();
  return method;
}

}  // namespace

BioPtr openRecordBio(RecordWire& wire) {
  const BIO_METHOD* method = recordMethod();
  BioPtr bio(method == nullptr ? nullptr : BIO_new(method));
  if (!bio) return nullptr;
  BIO_set_data(bio.get(), &wire);
  BIO_set_init(bio.get(), 1);
  return bio;
}

}  // namespace causeway::control_tls
