// SHA-1 thumbprints, by which revoked certificates are listed.
#pragma once

#include <string>

#include "openssl_handle.h"

namespace causeway::x509 {

// The SHA-1 of the bytes in upper-case hex.
std::string thumbprintOf(ByteView der);

// The certificate's thumbprint, and for an ECDSA signature those of its mirror images: whoever holds a
// certificate signed (r, s) can turn it into an equally valid one signed (r, n - s), with a thumbprint of
// its own. The issuer's curve is not known here, so the mirror is taken over each curve that the key policy
// allows. Works on the bytes alone, since decoding a public key costs ten times as much. Empty when the
// bytes do not have the outer shape of a certificate (RFC 5280 §4.1).
std::vector<std::string> thumbprintsOf(ByteView der);

}  // namespace causeway::x509
