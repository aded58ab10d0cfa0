// The N-API face. It converts and checks argument types; limits and messages live in TypeScript.
#include <napi.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>

#include <stdexcept>

#include "connection.h"
#include "context.h"

namespace {

using namespace causeway::control_tls;

ByteView viewOf(const Napi::Value& value) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array) {
    throw Napi::TypeError::New(value.Env(), "expected a Uint8Array");
  }
  const auto array = value.As<Napi::Uint8Array>();
  return {array.Data(), array.ByteLength()};
}

std::string stringOf(const Napi::Value& value) {
  if (!value.IsString()) throw Napi::TypeError::New(value.Env(), "expected a string");
  return value.As<Napi::String>().Utf8Value();
}

std::uint32_t countOf(const Napi::Value& value) {
  if (!value.IsNumber()) throw Napi::TypeError::New(value.Env(), "expected a number");
  return value.As<Napi::Number>().Uint32Value();
}

bool booleanOf(const Napi::Value& value) {
  if (!value.IsBoolean()) throw Napi::TypeError::New(value.Env(), "expected a boolean");
  return value.As<Napi::Boolean>();
}

Napi::Object objectOf(const Napi::Value& value) {
  if (!value.IsObject()) throw Napi::TypeError::New(value.Env(), "expected an object");
  return value.As<Napi::Object>();
}

std::optional<Bytes> contextValueOf(const Napi::Value& value) {
  if (value.IsUndefined()) return std::nullopt;
  const ByteView view = viewOf(value);
  return Bytes(view.begin(), view.end());
}

std::vector<Export> exportsOf(const Napi::Value& value) {
  if (!value.IsArray()) throw Napi::TypeError::New(value.Env(), "expected an array");
  const auto array = value.As<Napi::Array>();
  std::vector<Export> exports;
  for (std::uint32_t i = 0; i < array.Length(); i++) {
    const auto item = objectOf(array.Get(i));
    exports.push_back(
        {stringOf(item.Get("label")), countOf(item.Get("bytes")), contextValueOf(item.Get("context"))});
  }
  return exports;
}

Limits limitsOf(const Napi::Object& object) {
  return {
      .handshakeBytes = countOf(object.Get("handshakeBytes")),
      .certificateBytes = countOf(object.Get("certificateBytes")),
      .chainLength = countOf(object.Get("chainLength")),
      .laterMessages = countOf(object.Get("laterMessages")),
  };
}

Settings settingsOf(const Napi::Object& object) {
  return {
      .role = stringOf(object.Get("role")) == "server" ? Role::server : Role::client,
      .certificateChain = stringOf(object.Get("certificateChain")),
      .privateKey = stringOf(object.Get("privateKey")),
      .minimum = static_cast<int>(countOf(object.Get("minimum"))),
      .maximum = static_cast<int>(countOf(object.Get("maximum"))),
      .ciphers = stringOf(object.Get("ciphers")),
      .suites = stringOf(object.Get("suites")),
      .groups = stringOf(object.Get("groups")),
      .requestsCertificate = booleanOf(object.Get("requestsCertificate")),
      .serverName = stringOf(object.Get("serverName")),
      .exports = exportsOf(object.Get("exports")),
      .limits = limitsOf(objectOf(object.Get("limits"))),
  };
}

Napi::Value toJs(Napi::Env env, const Bytes& bytes) {
  auto array = Napi::Uint8Array::New(env, bytes.size());
  std::copy(bytes.begin(), bytes.end(), array.Data());
  return array;
}

Napi::Value toJs(Napi::Env env, const std::vector<Bytes>& items) {
  auto array = Napi::Array::New(env, items.size());
  for (std::uint32_t i = 0; i < items.size(); i++) array.Set(i, toJs(env, items[i]));
  return array;
}

void wipe(Bytes& bytes) { OPENSSL_cleanse(bytes.data(), bytes.size()); }

Napi::Value toJs(Napi::Env env, Established& established) {
  auto object = Napi::Object::New(env);
  object.Set("version", established.version);
  object.Set("cipher", established.cipher);
  object.Set("peerChain", toJs(env, established.chain));
  object.Set("exports", toJs(env, established.exports));
  for (Bytes& material : established.exports) wipe(material);
  return object;
}

// Only what there is, so that a step that brought nothing costs nothing.
Napi::Value toJs(Napi::Env env, Report& report) {
  auto object = Napi::Object::New(env);
  if (!report.records.empty()) object.Set("records", toJs(env, report.records));
  if (report.established) object.Set("established", toJs(env, *report.established));
  if (!report.plaintext.empty()) object.Set("plaintext", toJs(env, report.plaintext));
  if (!report.failure.empty()) object.Set("failure", report.failure);
  wipe(report.plaintext);
  return object;
}

// Says that an object holds what its class says, whoever hands it in.
constexpr napi_type_tag kContextTag{0x9d1c2f0be6a84c57, 0xa3b07d5e41f86c29};

// new Context(settings)
class ContextObject : public Napi::ObjectWrap<ContextObject> {
 public:
  static void define(Napi::Env env, Napi::Object exports) { exports.Set("Context", DefineClass(env, "Context", {})); }

  explicit ContextObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    try {
      context_ = createContext(settingsOf(objectOf(info[0])));
    } catch (const std::runtime_error& error) {
      throw Napi::Error::New(info.Env(), error.what());
    }
    info.This().As<Napi::Object>().TypeTag(&kContextTag);
  }

  static const std::shared_ptr<const Context>& contextOf(const Napi::Value& value) {
    const auto object = objectOf(value);
    if (!object.CheckTypeTag(&kContextTag)) throw Napi::TypeError::New(value.Env(), "expected a Context");
    return Unwrap(object)->context_;
  }

 private:
  std::shared_ptr<const Context> context_;
};

// new Connection(context)
class ConnectionObject : public Napi::ObjectWrap<ConnectionObject> {
 public:
  static void define(Napi::Env env, Napi::Object exports) {
    const auto inputMethod = InstanceMethod<&ConnectionObject::input>("input");
    const auto writeMethod = InstanceMethod<&ConnectionObject::write>("write");
    const auto endMethod = InstanceMethod<&ConnectionObject::end>("end");
    const auto releaseMethod = InstanceMethod<&ConnectionObject::release>("release");
    const auto closeMethod = InstanceMethod<&ConnectionObject::close>("close");
    exports.Set("Connection", DefineClass(env, "Connection",
                                          {inputMethod, writeMethod, endMethod, releaseMethod, closeMethod}));
  }

  explicit ConnectionObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    const auto& context = ContextObject::contextOf(info[0]);
    try {
      connection_.emplace(context);
    } catch (const std::runtime_error& error) {
      throw Napi::Error::New(info.Env(), error.what());
    }
  }

 private:
  // input(records): the report; undefined when the connection is over
  Napi::Value input(const Napi::CallbackInfo& info) {
    const ByteView records = viewOf(info[0]);
    if (!connection_) return info.Env().Undefined();
    return handUp(info.Env(), connection_->input(records));
  }

  // write(plaintext): the report; undefined when the connection is over; null before it is established
  Napi::Value write(const Napi::CallbackInfo& info) {
    const ByteView plaintext = viewOf(info[0]);
    if (!connection_) return info.Env().Undefined();
    if (!connection_->established()) return info.Env().Null();
    return handUp(info.Env(), connection_->write(plaintext));
  }

  // end(): the report; undefined when the connection is over
  Napi::Value end(const Napi::CallbackInfo& info) {
    if (!connection_) return info.Env().Undefined();
    return handUp(info.Env(), connection_->end());
  }

  // release(): an object that wraps a ReleasedTls; null when there is no established connection
  Napi::Value release(const Napi::CallbackInfo& info) {
    if (!connection_ || !connection_->established()) return info.Env().Null();
    auto object = Napi::Object::New(info.Env());
    object.TypeTag(&kReleasedTlsTag);
    std::unique_ptr<ReleasedTls> released = connection_->release();
    connection_.reset();
    const auto finalize = [](napi_env, void* data, void*) { delete static_cast<ReleasedTls*>(data); };
    if (napi_wrap(info.Env(), object, released.get(), finalize, nullptr, nullptr) != napi_ok)
      throw Napi::Error::New(info.Env());
    (void)released.release();
    return object;
  }

  Napi::Value close(const Napi::CallbackInfo& info) {
    connection_.reset();
    return info.Env().Undefined();
  }

  Napi::Value handUp(Napi::Env env, Report report) {
    if (connection_->failed()) connection_.reset();
    return toJs(env, report);
  }

  std::optional<Connection> connection_;
};

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
  ContextObject::define(env, exports);
  ConnectionObject::define(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(causeway_control_tls, initialise)
