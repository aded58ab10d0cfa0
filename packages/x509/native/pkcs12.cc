#include "pkcs12.h"

#include <openssl/crypto.h>
#include <openssl/pkcs12err.h>

#include "certificate.h"

namespace causeway::x509 {

namespace {

constexpr int kDefaultSaltLength = 0;

// Why OpenSSL gave up, read from its error queue: the last word is often the least telling one.
Pkcs12Fault faultFromQueue() {
  bool wrongPassword = false;
  bool unsupported = false;
  for (unsigned long error = ERR_get_error(); error != 0; error = ERR_get_error()) {
    const int reason = ERR_GET_REASON(error);
    if (ERR_GET_LIB(error) == ERR_LIB_PKCS12 && reason == PKCS12_R_MAC_VERIFY_FAILURE) wrongPassword = true;
    const bool unknown = reason == EVP_R_UNSUPPORTED_ALGORITHM || reason == EVP_R_UNKNOWN_PBE_ALGORITHM;
    if (reason == ERR_R_UNSUPPORTED || (ERR_GET_LIB(error) == ERR_LIB_EVP && unknown)) unsupported = true;
  }
  if (unsupported) return Pkcs12Fault::needsLegacyProvider;
  return wrongPassword ? Pkcs12Fault::wrongPassword : Pkcs12Fault::malformed;
}

long macIterations(const PKCS12* file) {
  const ASN1_INTEGER* count = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &count, file);
  if (count == nullptr) return 1;
  std::int64_t value = 0;
  return ASN1_INTEGER_get_int64(&value, count) == 1 && value > 0 ? static_cast<long>(value) : -1;
}

std::optional<Pkcs12Fault> checkMac(const PKCS12* file, long maximumIterations) {
  if (PKCS12_mac_present(file) != 1) return Pkcs12Fault::noMac;
  const long iterations = macIterations(file);
  if (iterations < 0) return Pkcs12Fault::malformed;
  if (iterations > maximumIterations) return Pkcs12Fault::tooManyIterations;
  return std::nullopt;
}

Bytes encodeKey(const EVP_PKEY* key) {
  const Pkcs8Ptr info(EVP_PKEY2PKCS8(key));
  const int length = info ? i2d_PKCS8_PRIV_KEY_INFO(info.get(), nullptr) : 0;
  if (length <= 0) return {};
  Bytes der(static_cast<std::size_t>(length));
  auto* cursor = der.data();
  i2d_PKCS8_PRIV_KEY_INFO(info.get(), &cursor);
  return der;
}

KeyPtr decodeKey(ByteView der) {
  const auto* cursor = der.data();
  const Pkcs8Ptr info(d2i_PKCS8_PRIV_KEY_INFO(nullptr, &cursor, static_cast<long>(der.size())));
  return KeyPtr(info ? EVP_PKCS82PKEY(info.get()) : nullptr);
}

X509StackPtr decodeChain(const std::vector<Bytes>& chain) {
  X509StackPtr stack(sk_X509_new_null());
  for (const Bytes& der : chain) {
    X509Ptr certificate = parseCertificate(der);
    if (!stack || !certificate || sk_X509_push(stack.get(), certificate.get()) == 0) return nullptr;
    static_cast<void>(certificate.release());
  }
  return stack;
}

Bytes encodePkcs12(const PKCS12* file) {
  const int length = i2d_PKCS12(file, nullptr);
  if (length <= 0) return {};
  Bytes der(static_cast<std::size_t>(length));
  auto* cursor = der.data();
  i2d_PKCS12(file, &cursor);
  return der;
}

}  // namespace

const char* faultName(Pkcs12Fault fault) {
  switch (fault) {
    case Pkcs12Fault::malformed:
      return "malformed";
    case Pkcs12Fault::noMac:
      return "no-mac";
    case Pkcs12Fault::tooManyIterations:
      return "too-many-iterations";
    case Pkcs12Fault::wrongPassword:
      return "wrong-password";
    case Pkcs12Fault::needsLegacyProvider:
      return "needs-legacy-provider";
    case Pkcs12Fault::noKey:
      return "no-key";
    case Pkcs12Fault::noCertificate:
      return "no-certificate";
    case Pkcs12Fault::badKey:
      return "bad-key";
    case Pkcs12Fault::keyMismatch:
      return "key-mismatch";
  }
  return "malformed";
}

std::variant<Pkcs12Contents, Pkcs12Fault> parsePkcs12(ByteView file, const std::string& password,
                                                      long maximumIterations) {
  const ErrorQueueGuard guard;
  const auto* cursor = file.data();
  const Pkcs12Ptr parsed(d2i_PKCS12(nullptr, &cursor, static_cast<long>(file.size())));
  if (!parsed || cursor != file.data() + file.size()) return Pkcs12Fault::malformed;
  if (const auto fault = checkMac(parsed.get(), maximumIterations)) return *fault;
  EVP_PKEY* rawKey = nullptr;
  X509* rawCertificate = nullptr;
  STACK_OF(X509)* rawChain = nullptr;
  const int ok = PKCS12_parse(parsed.get(), password.c_str(), &rawKey, &rawCertificate, &rawChain);
  const KeyPtr key(rawKey);
  const X509Ptr certificate(rawCertificate);
  const X509StackPtr chain(rawChain);
  if (ok != 1) return faultFromQueue();
  if (!key) return Pkcs12Fault::noKey;
  if (!certificate) return Pkcs12Fault::noCertificate;
  Pkcs12Contents contents{encodeKey(key.get()), encodeCertificate(certificate.get()), {}};
  for (int i = 0; chain && i < sk_X509_num(chain.get()); i++) {
    contents.chain.push_back(encodeCertificate(sk_X509_value(chain.get(), i)));
  }
  return contents;
}

std::variant<Bytes, Pkcs12Fault> createPkcs12(const Pkcs12Contents& contents, const std::string& password,
                                              const std::string& friendlyName, int iterations) {
  const ErrorQueueGuard guard;
  const KeyPtr key = decodeKey(contents.privateKey);
  if (!key) return Pkcs12Fault::badKey;
  const X509Ptr certificate = parseCertificate(contents.certificate);
  const X509StackPtr chain = decodeChain(contents.chain);
  if (!certificate || !chain) return Pkcs12Fault::noCertificate;
  if (X509_check_private_key(certificate.get(), key.get()) != 1) return Pkcs12Fault::keyMismatch;
  // -1: no MAC yet, so that the one below is SHA-256 whatever this OpenSSL's default is.
  const char* name = friendlyName.empty() ? nullptr : friendlyName.c_str();
  const Pkcs12Ptr file(PKCS12_create(password.c_str(), name, key.get(), certificate.get(), chain.get(),
                                     NID_aes_256_cbc, NID_aes_256_cbc, iterations, -1, 0));
  if (!file || PKCS12_set_mac(file.get(), password.c_str(), -1, nullptr, kDefaultSaltLength, iterations,
                              EVP_sha256()) != 1) {
    return Pkcs12Fault::malformed;
  }
  return encodePkcs12(file.get());
}

}  // namespace causeway::x509
