// From when to when a statement about revocation counts.
#pragma once

#include <optional>

#include "openssl_handle.h"

namespace causeway::x509 {

struct StatusTimes {
  std::int64_t thisUpdate = 0;  // unix seconds
  std::optional<std::int64_t> nextUpdate;
};

// Nothing when a time is missing that must be there, or cannot be read. `next` may be null.
std::optional<StatusTimes> statusTimes(const ASN1_TIME* current, const ASN1_TIME* next);

// Of a CRL. Nothing when the bytes are not one.
std::optional<StatusTimes> crlTimes(ByteView der);

}  // namespace causeway::x509
