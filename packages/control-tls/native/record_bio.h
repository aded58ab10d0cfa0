// The wire under a TLS connection: records in from a view, records out to a vector.
#pragma once

#include "openssl_handle.h"

namespace causeway::control_tls {

// What a record BIO reads from and writes to. It outlives the BIO.
struct RecordWire {
  ByteView incoming;
  Bytes outgoing;
  // Nothing more is read: what the peer sends is past a limit.
  bool stopped = false;
};

// Null when memory is short. OpenSSL reads until nothing is left, so no record waits here between calls.
BioPtr openRecordBio(RecordWire& wire);

}  // namespace causeway::control_tls
