#include "ocsp.h"

#include <openssl/objects.h>
#include <openssl/ocsp.h>

#include <new>

#include "certificate.h"
#include "key_policy.h"

namespace causeway::x509 {

namespace {

using OcspCertIdPtr = Handle<OCSP_CERTID, &OCSP_CERTID_free>;
using OcspRequestPtr = Handle<OCSP_REQUEST, &OCSP_REQUEST_free>;
using OcspResponsePtr = Handle<OCSP_RESPONSE, &OCSP_RESPONSE_free>;
using OcspBasicPtr = Handle<OCSP_BASICRESP, &OCSP_BASICRESP_free>;

// As for chains: 112 bits of security.
constexpr int kAuthLevel = 2;

// SHA-1 names the issuer here and proves nothing; it is what every responder knows (RFC 5019 §2.1.1).
OcspCertIdPtr certificateId(const X509* certificate, const X509* issuer) {
  return OcspCertIdPtr(OCSP_cert_to_id(EVP_sha1(), certificate, issuer));
}

// The issuer alone is trusted, whatever stands above it: its own place in the chain was judged before.
X509StorePtr storeOf(X509* issuer, std::int64_t time) {
  X509StorePtr store(X509_STORE_new());
  if (!store || X509_STORE_add_cert(store.get(), issuer) != 1) throw std::bad_alloc();
  X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_auth_level(parameters, kAuthLevel);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(time));
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  return store;
}

// OpenSSL judges the digest in the signer's certificate, but not that of the answer's own signature.
bool hasWeakSignature(const OCSP_BASICRESP* basic) {
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, OCSP_resp_get0_tbs_sigalg(basic));
  int digest = NID_undef;
  if (OBJ_find_sigid_algs(OBJ_obj2nid(algorithm), &digest, nullptr) != 1) return true;
  return digest == NID_md5 || digest == NID_sha1 || digest == NID_md4 || digest == NID_md5_sha1;
}

const char* statusName(int status) {
  switch (status) {
    case V_OCSP_CERTSTATUS_GOOD:
      return "good";
    case V_OCSP_CERTSTATUS_REVOKED:
      return "revoked";
    default:
      return "unknown";
  }
}

std::variant<OcspStatus, OcspFault> statusIn(OCSP_BASICRESP* basic, OCSP_CERTID* id) {
  int status = V_OCSP_CERTSTATUS_UNKNOWN;
  ASN1_GENERALIZEDTIME* current = nullptr;
  ASN1_GENERALIZEDTIME* next = nullptr;
  if (OCSP_resp_find_status(basic, id, &status, nullptr, nullptr, &current, &next) != 1) {
    return OcspFault("the answer is about another certificate");
  }
  const auto times = statusTimes(current, next);
  if (!times) return OcspFault("a time in the answer cannot be read");
  return OcspStatus{statusName(status), *times};
}

}  // namespace

Bytes createOcspRequest(ByteView certificate, ByteView issuer) {
  const ErrorQueueGuard guard;
  const X509Ptr subject = parseCertificate(certificate);
  const X509Ptr authority = parseCertificate(issuer);
  if (!subject || !authority) return {};
  OcspCertIdPtr id = certificateId(subject.get(), authority.get());
  const OcspRequestPtr request(OCSP_REQUEST_new());
  if (!id || !request || OCSP_request_add0_id(request.get(), id.get()) == nullptr) throw std::bad_alloc();
  static_cast<void>(id.release());
  const int length = i2d_OCSP_REQUEST(request.get(), nullptr);
  Bytes der(length > 0 ? static_cast<std::size_t>(length) : 0);
  auto* cursor = der.data();
  if (length > 0) i2d_OCSP_REQUEST(request.get(), &cursor);
  return der;
}

std::variant<OcspStatus, OcspFault> readOcspResponse(ByteView response, ByteView certificate, ByteView issuer,
                                                     std::int64_t time) {
  const ErrorQueueGuard guard;
  const X509Ptr subject = parseCertificate(certificate);
  const X509Ptr authority = parseCertificate(issuer);
  if (!subject || !authority) return OcspFault("the certificate asked about cannot be read");
  const auto* cursor = response.data();
  const OcspResponsePtr answer(d2i_OCSP_RESPONSE(nullptr, &cursor, static_cast<long>(response.size())));
  if (!answer || cursor != response.data() + response.size()) return OcspFault("the answer is not OCSP in DER");
  const int status = OCSP_response_status(answer.get());
  if (status != OCSP_RESPONSE_STATUS_SUCCESSFUL) {
    return OcspFault(std::string("the responder answers ") + OCSP_response_status_str(status));
  }
  const OcspBasicPtr basic(OCSP_response_get1_basic(answer.get()));
  if (!basic) return OcspFault("the answer is of an unknown kind");
  if (hasWeakSignature(basic.get())) return OcspFault("the answer is signed with a weak digest");
  const X509StorePtr store = storeOf(authority.get(), time);
  // The issuer is offered as signer too; no root is trusted for OCSP by a mark of its own.
  const X509StackPtr offered(sk_X509_new_null());
  if (!offered || X509_up_ref(authority.get()) != 1) throw std::bad_alloc();
  if (sk_X509_push(offered.get(), authority.get()) == 0) {
    X509_free(authority.get());
    throw std::bad_alloc();
  }
  if (OCSP_basic_verify(basic.get(), offered.get(), store.get(), OCSP_NOEXPLICIT) != 1) {
    return OcspFault("neither the issuer signed the answer nor whom it let sign");
  }
  const OcspCertIdPtr id = certificateId(subject.get(), authority.get());
  if (!id) throw std::bad_alloc();
  return statusIn(basic.get(), id.get());
}

}  // namespace causeway::x509
