// The N-API face. It converts and checks argument types; limits and messages live in TypeScript.
#include <napi.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>

#include "description.h"
#include "ocsp.h"
#include "path_facts.h"
#include "pkcs12.h"
#include "status_time.h"
#include "thumbprint.h"
#include "trust_store.h"

namespace {

using namespace causeway::x509;

ByteView viewOf(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(value.Env(), "expected a Uint8Array");
  }
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

std::vector<ByteView> viewsOf(const Napi::Value& value) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "expected an array of Uint8Array");
  const auto array = value.As<Napi::Array>();
  std::vector<ByteView> views;
  for (std::uint32_t i = 0; i < array.Length(); i++) views.push_back(viewOf(array.Get(i)));
  return views;
}

std::string stringOf(const Napi::Value& value) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "expected a string");
  return value.As<Napi::String>().Utf8Value();
}

std::int64_t numberOf(const Napi::Value& value) {
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), "expected a number");
  return value.As<Napi::Number>().Int64Value();
}

bool flagOf(const Napi::Value& value) {
  if (!value.IsBoolean()) throw Napi::TypeError::New(value.Env(), "expected a boolean");
  return value.As<Napi::Boolean>().Value();
}

Bytes copyOf(const Napi::Value& value) {
  const ByteView view = viewOf(value);
  return {view.begin(), view.end()};
}

Napi::Value toJs(Napi::Env env, const Bytes& bytes) {
  auto array = Napi::Uint8Array::New(env, bytes.size());
  std::copy(bytes.begin(), bytes.end(), array.Data());
  return array;
}

Napi::Value toJs(Napi::Env env, const std::string& text) { return Napi::String::New(env, text); }

Napi::Value toJs(Napi::Env env, const AlternativeName& name) {
  auto object = Napi::Object::New(env);
  object.Set("type", name.type);
  object.Set("value", name.value);
  return object;
}

template <typename T>
Napi::Value toJs(Napi::Env env, const std::vector<T>& items) {
  auto array = Napi::Array::New(env, items.size());
  for (std::uint32_t i = 0; i < items.size(); i++) array.Set(i, toJs(env, items[i]));
  return array;
}

Napi::Value toJs(Napi::Env env, const Description& description) {
  auto object = Napi::Object::New(env);
  object.Set("subject", description.subject);
  object.Set("issuer", description.issuer);
  if (description.commonName) object.Set("commonName", *description.commonName);
  object.Set("serialNumber", description.serialNumber);
  object.Set("notBefore", static_cast<double>(description.notBefore));
  object.Set("notAfter", static_cast<double>(description.notAfter));
  object.Set("thumbprint", description.thumbprint);
  object.Set("subjectAltNames", toJs(env, description.alternativeNames));
  object.Set("keyType", description.keyType);
  object.Set("keyBits", description.keyBits);
  object.Set("extendedKeyUsages", toJs(env, description.extendedKeyUsages));
  object.Set("isCa", description.isCa);
  return object;
}

Napi::Value toJs(Napi::Env env, const Validation& validation) {
  auto object = Napi::Object::New(env);
  object.Set("valid", !validation.refusal.has_value());
  if (!validation.refusal) {
    object.Set("chain", toJs(env, validation.chain));
    object.Set("leaf", toJs(env, *validation.leaf));
    return object;
  }
  object.Set("reason", validation.refusal->reason);
  object.Set("detail", validation.refusal->detail);
  object.Set("depth", validation.refusal->depth);
  if (!validation.refusal->subject.empty()) object.Set("subject", validation.refusal->subject);
  return object;
}

Napi::Object toJs(Napi::Env env, const StatusTimes& times) {
  auto object = Napi::Object::New(env);
  object.Set("thisUpdate", static_cast<double>(times.thisUpdate));
  if (times.nextUpdate) object.Set("nextUpdate", static_cast<double>(*times.nextUpdate));
  return object;
}

Napi::Value toJs(Napi::Env env, const PathFacts& facts) {
  auto object = Napi::Object::New(env);
  if (facts.keyUsage) object.Set("keyUsage", *facts.keyUsage);
  object.Set("signatureDigest", facts.signatureDigest);
  object.Set("isSelfSigned", facts.isSelfSigned);
  object.Set("ocspUris", toJs(env, facts.ocspUris));
  object.Set("crlUris", toJs(env, facts.crlUris));
  return object;
}

// true: client, false: server, undefined: any
Purpose purposeOf(const Napi::Value& value) {
  if (value.IsUndefined()) return Purpose::any;
  return flagOf(value) ? Purpose::client : Purpose::server;
}

// new TrustStore(roots, intermediates, crls, partialChain, strict, maximumIntermediates)
class TrustStoreObject : public Napi::ObjectWrap<TrustStoreObject> {
 public:
  static void define(Napi::Env env, Napi::Object exports) {
    const auto verifyMethod = InstanceMethod<&TrustStoreObject::verify>("verify");
    exports.Set("TrustStore", DefineClass(env, "TrustStore", {verifyMethod}));
  }

  explicit TrustStoreObject(const Napi::CallbackInfo& info)
      : ObjectWrap(info),
        store_({flagOf(info[3]), flagOf(info[4]), static_cast<int>(numberOf(info[5]))}) {
    const ErrorQueueGuard guard;
    addAll(info[0], "root", [this](ByteView der) { return store_.addRoot(der); });
    addAll(info[1], "intermediate", [this](ByteView der) { return store_.addIntermediate(der); });
    addAll(info[2], "CRL", [this](ByteView der) { return store_.addCrl(der); });
  }

 private:
  template <typename Add>
  static void addAll(const Napi::Value& list, const std::string& kind, Add add) {
    int position = 0;
    for (const ByteView der : viewsOf(list)) {
      position++;
      if (!add(der)) throw Napi::Error::New(list.Env(), kind + " " + std::to_string(position));
    }
  }

  // verify(leaf, intermediates, time, isClient (undefined: any purpose), crlCheck, requireExtendedKeyUsage)
  Napi::Value verify(const Napi::CallbackInfo& info) {
    const std::int64_t crlCheck = numberOf(info[4]);
    if (crlCheck < 0 || crlCheck > 3) throw Napi::RangeError::New(info.Env(), "crlCheck is 0 to 3");
    const VerifyRequest request{
        .leaf = viewOf(info[0]),
        .intermediates = viewsOf(info[1]),
        .time = numberOf(info[2]),
        .purpose = purposeOf(info[3]),
        .crlCheck = static_cast<CrlCheck>(crlCheck),
        .requireExtendedKeyUsage = flagOf(info[5]),
    };
    return toJs(info.Env(), store_.verify(request));
  }

  TrustStore store_;
};

Napi::Value describeCertificate(const Napi::CallbackInfo& info) {
  const auto description = describe(viewOf(info[0]));
  return description ? toJs(info.Env(), *description) : info.Env().Undefined();
}

// Empty when the bytes are not shaped like a certificate.
Napi::Value thumbprints(const Napi::CallbackInfo& info) {
  return toJs(info.Env(), thumbprintsOf(viewOf(info[0])));
}

// What is there beyond the description; undefined when the bytes are not one certificate.
Napi::Value pathFactsOf(const Napi::CallbackInfo& info) {
  const auto facts = pathFacts(viewOf(info[0]));
  return facts ? toJs(info.Env(), *facts) : info.Env().Undefined();
}

// When the CRL counts; undefined when the bytes are not one CRL.
Napi::Value crlTimesOf(const Napi::CallbackInfo& info) {
  const auto times = crlTimes(viewOf(info[0]));
  return times ? toJs(info.Env(), *times) : info.Env().Undefined();
}

// ocspRequest(certificate, issuer): empty when one of them is no certificate
Napi::Value ocspRequest(const Napi::CallbackInfo& info) {
  return toJs(info.Env(), createOcspRequest(viewOf(info[0]), viewOf(info[1])));
}

// ocspStatus(response, certificate, issuer, time): the status with its times, or why there is none
Napi::Value ocspStatus(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto result = readOcspResponse(viewOf(info[0]), viewOf(info[1]), viewOf(info[2]), numberOf(info[3]));
  if (const auto* fault = std::get_if<OcspFault>(&result)) return Napi::String::New(env, *fault);
  const auto& answer = std::get<OcspStatus>(result);
  auto object = toJs(env, answer.times);
  object.Set("status", answer.status);
  return object;
}

// parsePkcs12(file, password, maximumIterations): the contents, or the name of the fault
Napi::Value parsePkcs12File(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  auto result = parsePkcs12(viewOf(info[0]), stringOf(info[1]), static_cast<long>(numberOf(info[2])));
  if (const auto* fault = std::get_if<Pkcs12Fault>(&result)) return Napi::String::New(env, faultName(*fault));
  auto& contents = std::get<Pkcs12Contents>(result);
  auto object = Napi::Object::New(env);
  object.Set("privateKey", toJs(env, contents.privateKey));
  object.Set("certificate", toJs(env, contents.certificate));
  object.Set("chain", toJs(env, contents.chain));
  OPENSSL_cleanse(contents.privateKey.data(), contents.privateKey.size());
  return object;
}

// createPkcs12(privateKey, certificate, chain, password, friendlyName, iterations): bytes, or the fault
Napi::Value createPkcs12File(const Napi::CallbackInfo& info) {
  Pkcs12Contents contents{copyOf(info[0]), copyOf(info[1]), {}};
  for (const ByteView der : viewsOf(info[2])) contents.chain.emplace_back(der.begin(), der.end());
  const auto result =
      createPkcs12(contents, stringOf(info[3]), stringOf(info[4]), static_cast<int>(numberOf(info[5])));
  OPENSSL_cleanse(contents.privateKey.data(), contents.privateKey.size());
  const auto* fault = std::get_if<Pkcs12Fault>(&result);
  if (fault != nullptr) return Napi::String::New(info.Env(), faultName(*fault));
  return toJs(info.Env(), std::get<Bytes>(result));
}

// OpenSSL promises that code built for x.y runs on x.z with z >= y. The library is Node's own, so another
// Node than the one built for may bring an older or a different one.
void requireOpenSsl(Napi::Env env) {
  const unsigned long running = OpenSSL_version_num();
  const bool sameMajor = running >> 28 == OPENSSL_VERSION_NUMBER >> 28;
  if (sameMajor && running >> 20 >= OPENSSL_VERSION_NUMBER >> 20) return;
  throw Napi::Error::New(env, std::string("the native addon was built for OpenSSL ") + OPENSSL_VERSION_STR +
                                  ", but this Node has " + OpenSSL_version(OPENSSL_VERSION_STRING) +
                                  ": run `npm run build:native` with this Node");
}

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
  requireOpenSsl(env);
  TrustStoreObject::define(env, exports);
  exports.Set("describe", Napi::Function::New<describeCertificate>(env));
  exports.Set("thumbprints", Napi::Function::New<thumbprints>(env));
  exports.Set("pathFacts", Napi::Function::New<pathFactsOf>(env));
  exports.Set("crlTimes", Napi::Function::New<crlTimesOf>(env));
  exports.Set("ocspRequest", Napi::Function::New<ocspRequest>(env));
  exports.Set("ocspStatus", Napi::Function::New<ocspStatus>(env));
  exports.Set("parsePkcs12", Napi::Function::New<parsePkcs12File>(env));
  exports.Set("createPkcs12", Napi::Function::New<createPkcs12File>(env));
  return exports;
}

}  // namespace

NODE_API_MODULE(causeway_x509, initialise)
