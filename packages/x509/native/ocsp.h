// The Online Certificate Status Protocol (RFC 6960): the question about one certificate, and the judgement of
// an answer by OpenSSL's OCSP_basic_verify.
#pragma once

#include <string>
#include <variant>

#include "status_time.h"

namespace causeway::x509 {

struct OcspStatus {
  const char* status;  // good, revoked or unknown
  StatusTimes times;
};

// A sentence without its end, for the log: why the answer says nothing.
using OcspFault = std::string;

// The request in DER. Empty when one of the two is not a certificate.
Bytes createOcspRequest(ByteView certificate, ByteView issuer);

// What the answer says of the certificate, when the issuer signed it, or whom the issuer let do so (RFC 6960
// §4.2.2.2). Its times are not judged here.
std::variant<OcspStatus, OcspFault> readOcspResponse(ByteView response, ByteView certificate, ByteView issuer,
                                                     std::int64_t time);

}  // namespace causeway::x509
