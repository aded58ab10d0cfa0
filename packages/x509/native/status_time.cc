#include "status_time.h"

#include <ctime>

#include "certificate.h"

namespace causeway::x509 {

namespace {

std::optional<std::int64_t> unixSeconds(const ASN1_TIME* time) {
  std::tm parts{};
  // Without a time OpenSSL would give the present one.
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return static_cast<std::int64_t>(timegm(&parts));
}

}  // namespace

std::optional<StatusTimes> statusTimes(const ASN1_TIME* current, const ASN1_TIME* next) {
  const auto thisUpdate = unixSeconds(current);
  const auto nextUpdate = unixSeconds(next);
  if (!thisUpdate || (next != nullptr && !nextUpdate)) return std::nullopt;
  return StatusTimes{*thisUpdate, nextUpdate};
}

std::optional<StatusTimes> crlTimes(ByteView der) {
  const ErrorQueueGuard guard;
  const X509CrlPtr crl = parseCrl(der);
  if (!crl) return std::nullopt;
  return statusTimes(X509_CRL_get0_lastUpdate(crl.get()), X509_CRL_get0_nextUpdate(crl.get()));
}

}  // namespace causeway::x509
