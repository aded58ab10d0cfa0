#include "certificate.h"

#include <algorithm>

namespace causeway::x509 {

X509Ptr parseCertificate(ByteView der) {
  const auto* cursor = der.data();
  X509Ptr certificate(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
  if (!certificate || cursor != der.data() + der.size()) return nullptr;
  const Bytes canonical = encodeCertificate(certificate.get());
  return std::ranges::equal(canonical, der) ? std::move(certificate) : nullptr;
}

X509CrlPtr parseCrl(ByteView der) {
  const auto* cursor = der.data();
  X509CrlPtr crl(d2i_X509_CRL(nullptr, &cursor, static_cast<long>(der.size())));
  return crl && cursor == der.data() + der.size() ? std::move(crl) : nullptr;
}

Bytes encodeCertificate(const X509* certificate) {
  const int length = i2d_X509(certificate, nullptr);
  if (length <= 0) return {};
  Bytes der(static_cast<std::size_t>(length));
  auto* cursor = der.data();
  i2d_X509(certificate, &cursor);
  return der;
}

std::string formatName(const X509_NAME* name) {
  const BioPtr text(BIO_new(BIO_s_mem()));
  if (!text || name == nullptr) return {};
  constexpr unsigned long kUtf8 = (XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) | ASN1_STRFLGS_UTF8_CONVERT;
  X509_NAME_print_ex(text.get(), name, 0, kUtf8);
  const char* data = nullptr;
  const long length = BIO_get_mem_data(text.get(), &data);
  return length > 0 ? std::string(data, static_cast<std::size_t>(length)) : std::string();
}

}  // namespace causeway::x509
