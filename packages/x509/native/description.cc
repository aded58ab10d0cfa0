#include "description.h"

#include <arpa/inet.h>

#include <array>
#include <ctime>

#include "certificate.h"
#include "thumbprint.h"

namespace causeway::x509 {

namespace {

std::string text(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::optional<std::string> lastCommonName(const X509_NAME* name) {
  int last = -1;
  for (int next = X509_NAME_get_index_by_NID(name, NID_commonName, -1); next >= 0;
       next = X509_NAME_get_index_by_NID(name, NID_commonName, next)) {
    last = next;
  }
  if (last < 0) return std::nullopt;
  std::uint8_t* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
  if (length < 0) return std::nullopt;
  std::string value(reinterpret_cast<char*>(utf8), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  return value;
}

std::string serialNumber(const X509* certificate) {
  const BignumPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  char* digits = number ? BN_bn2hex(number.get()) : nullptr;
  if (digits == nullptr) return {};
  std::string hex(digits);
  OPENSSL_free(digits);
  return hex;
}

std::optional<std::int64_t> unixSeconds(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return static_cast<std::int64_t>(timegm(&parts));
}

std::string address(const ASN1_OCTET_STRING* octets) {
  std::array<char, INET6_ADDRSTRLEN> printed{};
  const int length = ASN1_STRING_length(octets);
  if (length != 4 && length != 16) return {};
  inet_ntop(length == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(octets), printed.data(), printed.size());
  return printed.data();
}

// Nothing for the kinds of name that no one here matches on (directory names, other names, …).
std::optional<AlternativeName> alternativeName(const GENERAL_NAME* name) {
  int type = 0;
  const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(name, &type));
  switch (type) {
    case GEN_DNS:
      return AlternativeName{"dns", text(value)};
    case GEN_EMAIL:
      return AlternativeName{"email", text(value)};
    case GEN_URI:
      return AlternativeName{"uri", text(value)};
    case GEN_IPADD:
      return AlternativeName{"ip", address(value)};
    default:
      return std::nullopt;
  }
}

std::vector<AlternativeName> alternativeNames(const X509* certificate) {
  std::vector<AlternativeName> found;
  const GeneralNamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); i++) {
    if (auto name = alternativeName(sk_GENERAL_NAME_value(names.get(), i))) found.push_back(std::move(*name));
  }
  return found;
}

std::string dotted(const ASN1_OBJECT* object) {
  std::array<char, 128> printed{};
  const int length = OBJ_obj2txt(printed.data(), static_cast<int>(printed.size()), object, 1);
  return length > 0 ? std::string(printed.data()) : std::string();
}

std::vector<std::string> extendedKeyUsages(const X509* certificate) {
  std::vector<std::string> found;
  const ExtendedKeyUsagePtr usages(
      static_cast<EXTENDED_KEY_USAGE*>(X509_get_ext_d2i(certificate, NID_ext_key_usage, nullptr, nullptr)));
  for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages.get()); i++) {
    found.push_back(dotted(sk_ASN1_OBJECT_value(usages.get(), i)));
  }
  return found;
}

std::string keyType(const EVP_PKEY* key) {
  const char* name = EVP_PKEY_get0_type_name(key);
  return name ? name : "unknown";
}

}  // namespace

std::optional<Description> describe(ByteView der) {
  const ErrorQueueGuard guard;
  const X509Ptr certificate = parseCertificate(der);
  return certificate ? describe(certificate.get(), der) : std::nullopt;
}

std::optional<Description> describe(X509* certificate, ByteView der) {
  if ((X509_get_extension_flags(certificate) & EXFLAG_INVALID) != 0) return std::nullopt;
  const auto notBefore = unixSeconds(X509_get0_notBefore(certificate));
  const auto notAfter = unixSeconds(X509_get0_notAfter(certificate));
  if (!notBefore || !notAfter) return std::nullopt;
  const EVP_PKEY* key = X509_get0_pubkey(certificate);
  return Description{
      .subject = formatName(X509_get_subject_name(certificate)),
      .issuer = formatName(X509_get_issuer_name(certificate)),
      .commonName = lastCommonName(X509_get_subject_name(certificate)),
      .serialNumber = serialNumber(certificate),
      .notBefore = *notBefore,
      .notAfter = *notAfter,
      .thumbprint = thumbprintOf(der),
      .alternativeNames = alternativeNames(certificate),
      .keyType = key ? keyType(key) : "unknown",
      .keyBits = key ? EVP_PKEY_get_bits(key) : 0,
      .extendedKeyUsages = extendedKeyUsages(certificate),
      .isCa = X509_check_ca(certificate) != 0,
  };
}

}  // namespace causeway::x509
