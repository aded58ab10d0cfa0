// OpenSSL's verdicts sorted into the reasons that the gateway logs.
#pragma once

namespace causeway::x509 {

// The ValidationReason (see validation.ts) for an X509_V_ERR_… code.
const char* validationReason(int error);

}  // namespace causeway::x509
