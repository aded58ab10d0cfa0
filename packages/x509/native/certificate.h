// Certificates and CRLs from and to DER.
#pragma once

#include <string>

#include "openssl_handle.h"

namespace causeway::x509 {

// Reads exactly one certificate. Null when the bytes are not a certificate, when bytes follow it, or when
// OpenSSL would write it differently: the thumbprint covers the unsigned wrapper too, so a second encoding
// of the same certificate would have a second thumbprint and slip past a list of revoked ones.
X509Ptr parseCertificate(ByteView der);

// Reads exactly one CRL; null when the bytes are anything else.
X509CrlPtr parseCrl(ByteView der);

Bytes encodeCertificate(const X509* certificate);

// A distinguished name as RFC 4514 writes it, most specific part first, in UTF-8.
std::string formatName(const X509_NAME* name);

}  // namespace causeway::x509
