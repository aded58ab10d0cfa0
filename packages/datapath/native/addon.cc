#include <napi.h>
#include <openssl/crypto.h>
#include <openssl/opensslv.h>

#include "addon-values.h"
#include "test-tun.h"

namespace causeway {

namespace {

/** Turns what C++ throws into a JavaScript error with a code, for the wrapper to name. */
template <typename Call>
auto guarded(Napi::Env env, Call&& call) -> decltype(call()) {
  std::string code, message;
  int number = 0;
  try {
    return call();
  } catch (const Misuse& misuse) {
    code = misuse.code;
    message = misuse.message;
  } catch (const std::system_error& failure) {
    code = "SYSTEM";
    message = failure.what();
    number = failure.code().value();
  } catch (const Napi::Error&) {
    throw;
  } catch (const std::exception& failure) {
    code = "SYSTEM";
    message = failure.what();
  }
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", Napi::String::New(env, "ERR_DATAPATH_" + code));
  error.Set("errno", Napi::Number::New(env, number));
  throw error;
}

/** Wipes a copy of keys, whatever came of the call. */
template <typename Options>
struct WipedKeys {
  Options& options;

  ~WipedKeys() {
    OPENSSL_cleanse(&options.send, sizeof options.send);
    OPENSSL_cleanse(&options.receive, sizeof options.receive);
  }
};

/** The class `NativeEngine` of the addon: one engine, with its events on the JavaScript thread. */
class NativeEngine : public Napi::ObjectWrap<NativeEngine> {
 public:
  static Napi::Function define(Napi::Env env);

  /** (workers, onEvents). */
  explicit NativeEngine(const Napi::CallbackInfo& info) : Napi::ObjectWrap<NativeEngine>(info) {
    const size_t workers = idOf(info[0]);
    // The object lives until the last event callback is done.
    Ref();
    events_ = Napi::ThreadSafeFunction::New(info.Env(), info[1].As<Napi::Function>(), "causeway events", 0, 1,
                                            [this](Napi::Env) { Unref(); });
    guarded(info.Env(), [&] { engine_ = std::make_unique<Engine>(workers, [this] { wake(); }); });
  }

 private:
  using Info = const Napi::CallbackInfo&;

  void wake() {
    events_.NonBlockingCall([this](Napi::Env env, Napi::Function onEvents) { deliver(env, onEvents); });
  }

  void deliver(Napi::Env env, Napi::Function onEvents) {
    if (!engine_) return;
    const std::vector<Event> events = engine_->takeEvents();
    if (events.empty()) return;
    Napi::Array array = Napi::Array::New(env, events.size());
    for (uint32_t i = 0; i < events.size(); i++) {
      // A handle scope for each event, so that a large batch does not keep all its handles at once.
      const Napi::HandleScope scope(env);
      array.Set(i, eventOf(env, events[i]));
    }
    onEvents.Call({array});
  }

  Napi::Value openTun(Info info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      return Napi::String::New(info.Env(),
                               engine_->openTun(info[0].ToString(), static_cast<int>(idOf(info[1]))));
    });
  }

  void openTestTun(Info info) {
    guarded(info.Env(), [&] {
      auto tun = std::make_unique<TestTun>();
      engine_->openTestTun(tun->takeDatapathEnd());
      testTun_ = std::move(tun);
    });
  }

  void testTunWrite(Info info) {
    guarded(info.Env(), [&] { testTun_->write(bytesOf(info[0])); });
  }

  Napi::Value testTunRead(Info info) {
    std::vector<std::vector<uint8_t>> packets;
    if (testTun_) packets = testTun_->read();
    Napi::Array array = Napi::Array::New(info.Env(), packets.size());
    for (uint32_t i = 0; i < packets.size(); i++) array.Set(i, copyOf(info.Env(), packets[i]));
    return array;
  }

  Napi::Value openPort(Info info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      const UdpPort& port = engine_->openPort(socketAddressOf(info[0]), portProtocolOf(info[1]));
      Napi::Object opened = Napi::Object::New(info.Env());
      opened.Set("id", port.id());
      opened.Set("local", endpointOf(info.Env(), port.local()));
      return opened;
    });
  }

  void closePort(Info info) {
    guarded(info.Env(), [&] { engine_->closePort(idOf(info[0])); });
  }

  void sendDatagrams(Info info) {
    guarded(info.Env(),
            [&] { engine_->sendDatagrams(idOf(info[0]), datagramsOf(info[1].As<Napi::Array>())); });
  }

  Napi::Value openStream(Info info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      return Napi::Number::New(info.Env(), engine_->openStream(framingOf(info[0]), info[1].ToBoolean()));
    });
  }

  void requireNoTls(Info info) {
    guarded(info.Env(), [&] { engine_->requireNoTls(idOf(info[0])); });
  }

  void attachTls(Info info) {
    guarded(info.Env(), [&] {
      engine_->requireNoTls(idOf(info[0]));
      engine_->attachTls(idOf(info[0]), tlsOf(info[1]));
    });
  }

  void endStream(Info info) {
    guarded(info.Env(), [&] { engine_->endStream(idOf(info[0])); });
  }

  void closeStream(Info info) {
    guarded(info.Env(), [&] { engine_->closeStream(idOf(info[0])); });
  }

  void streamInput(Info info) {
    guarded(info.Env(), [&] { engine_->streamInput(idOf(info[0]), bytesOf(info[1])); });
  }

  void streamControl(Info info) {
    guarded(info.Env(), [&] {
      const Napi::Array array = info[1].As<Napi::Array>();
      std::vector<Bytes> packets;
      for (uint32_t i = 0; i < array.Length(); i++) packets.push_back(bytesOf(array.Get(i)));
      engine_->streamControl(idOf(info[0]), packets);
    });
  }

  Napi::Value takeStreamOutput(Info info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      TakenOutput taken = engine_->takeStreamOutput(idOf(info[0]));
      if (!taken.memory) return info.Env().Undefined();
      uint8_t* memory = taken.memory.release();
      Napi::ArrayBuffer buffer =
          Napi::ArrayBuffer::New(info.Env(), memory, taken.length, [](Napi::Env, void* data) { free(data); });
      return Napi::Uint8Array::New(info.Env(), taken.length, buffer, 0);
    });
  }

  void adoptSocket(Info info) {
    uv_loop_t* loop = nullptr;
    if (napi_get_uv_event_loop(info.Env(), &loop) != napi_ok) throw Napi::Error::New(info.Env());
    guarded(info.Env(), [&] { engine_->adoptSocket(idOf(info[0]), static_cast<int>(idOf(info[1])), loop); });
  }

  Napi::Value openFlow(Info info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      return Napi::Number::New(info.Env(), engine_->openFlow(flowSettingsOf(info[0].As<Napi::Object>())));
    });
  }

  void moveFlow(Info info) {
    guarded(info.Env(), [&] { engine_->moveFlow(idOf(info[0]), pathOf(info[1])); });
  }

  void limitFlow(Info info) {
    guarded(info.Env(), [&] { engine_->limitFlow(idOf(info[0]), reachOf(info[1])); });
  }

  Napi::Value openNat(Info info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      return Napi::Number::New(info.Env(), engine_->openNat(natRulesOf(info[0])));
    });
  }

  void changeNat(Info info) {
    guarded(info.Env(), [&] { engine_->changeNat(idOf(info[0]), natRulesOf(info[1])); });
  }

  void closeNat(Info info) {
    guarded(info.Env(), [&] { engine_->closeNat(idOf(info[0])); });
  }

  void translateFlow(Info info) {
    guarded(info.Env(), [&] {
      if (info[1].IsUndefined()) engine_->translateFlow(idOf(info[0]), std::nullopt);
      else engine_->translateFlow(idOf(info[0]), idOf(info[1]));
    });
  }

  Napi::Value closeFlow(Info info) {
    return guarded(info.Env(), [&]() -> Napi::Value {
      return countersOf(info.Env(), engine_->closeFlow(idOf(info[0])));
    });
  }

  Napi::Value counters(Info info) {
    return guarded(info.Env(),
                   [&]() -> Napi::Value { return countersOf(info.Env(), engine_->counters(idOf(info[0]))); });
  }

  void installKey(Info info) {
    guarded(info.Env(), [&] {
      const Napi::Object key = info[1].As<Napi::Object>();
      if (isEspSa(key)) install(info[0], espSaOf(key));
      else install(info[0], keySlotOf(key));
    });
  }

  template <typename Options>
  void install(const Napi::Value& flow, Options options) {
    const WipedKeys<Options> wiped{options};
    engine_->installKey(idOf(flow), options);
  }

  void selectKey(Info info) {
    guarded(info.Env(), [&] { engine_->selectKey(idOf(info[0]), idOf(info[1])); });
  }

  void removeKey(Info info) {
    guarded(info.Env(), [&] { engine_->removeKey(idOf(info[0]), idOf(info[1])); });
  }

  void setNextId(Info info) {
    const uint64_t id = static_cast<uint64_t>(info[2].As<Napi::Number>().Int64Value());
    guarded(info.Env(), [&] { engine_->setNextId(idOf(info[0]), idOf(info[1]), id); });
  }

  Napi::Value advanceTestClock(Info info) {
    const uint64_t rounds = engine_->advanceTestClock(info[0].As<Napi::Number>().Int64Value());
    return Napi::Number::New(info.Env(), static_cast<double>(rounds));
  }

  Napi::Value timerRounds(Info info) {
    return Napi::Number::New(info.Env(), static_cast<double>(engine_->state().timerRounds.load()));
  }

  void sendInband(Info info) {
    guarded(info.Env(), [&] { engine_->sendInband(idOf(info[0]), bytesOf(info[1])); });
  }

  void changeRoutes(Info info) {
    guarded(info.Env(), [&] { engine_->changeRoutes(routeChangesOf(info[0].As<Napi::Array>())); });
  }

  /** (from a site, to a site, on). */
  void setTransit(Info info) {
    engine_->setTransit(info[0].ToBoolean(), info[1].ToBoolean(), info[2].ToBoolean());
  }

  void limitThroughput(Info info) {
    engine_->limitThroughput(static_cast<uint64_t>(info[0].As<Napi::Number>().Int64Value()));
  }

  Napi::Value totals(Info info) {
    const DatapathState& state = engine_->state();
    Napi::Object totals = Napi::Object::New(info.Env());
    totals.Set("noRoute", static_cast<double>(state.noRoute.load()));
    totals.Set("unknownFlow", static_cast<double>(state.unknownFlow.load()));
    totals.Set("malformed", static_cast<double>(state.malformed.load()));
    totals.Set("controlOverflow", static_cast<double>(state.events.overflow()));
    totals.Set("overThroughput", static_cast<double>(state.throughput.dropped()));
    return totals;
  }

  void close(Info) {
    if (!engine_) return;
    engine_.reset();
    testTun_.reset();
    events_.Abort();
  }

  Napi::ThreadSafeFunction events_;
  std::unique_ptr<TestTun> testTun_;
  std::unique_ptr<Engine> engine_;
};

Napi::Function NativeEngine::define(Napi::Env env) {
  using N = NativeEngine;
  return DefineClass(env, "NativeEngine",
                     {
                         N::InstanceMethod<&N::openTun>("openTun"),
                         N::InstanceMethod<&N::openTestTun>("openTestTun"),
                         N::InstanceMethod<&N::testTunWrite>("testTunWrite"),
                         N::InstanceMethod<&N::testTunRead>("testTunRead"),
                         N::InstanceMethod<&N::openPort>("openPort"),
                         N::InstanceMethod<&N::closePort>("closePort"),
                         N::InstanceMethod<&N::sendDatagrams>("sendDatagrams"),
                         N::InstanceMethod<&N::openStream>("openStream"),
                         N::InstanceMethod<&N::closeStream>("closeStream"),
                         N::InstanceMethod<&N::requireNoTls>("requireNoTls"),
                         N::InstanceMethod<&N::attachTls>("attachTls"),
                         N::InstanceMethod<&N::endStream>("endStream"),
                         N::InstanceMethod<&N::streamInput>("streamInput"),
                         N::InstanceMethod<&N::streamControl>("streamControl"),
                         N::InstanceMethod<&N::takeStreamOutput>("takeStreamOutput"),
                         N::InstanceMethod<&N::adoptSocket>("adoptSocket"),
                         N::InstanceMethod<&N::openFlow>("openFlow"),
                         N::InstanceMethod<&N::moveFlow>("moveFlow"),
                         N::InstanceMethod<&N::limitFlow>("limitFlow"),
                         N::InstanceMethod<&N::openNat>("openNat"),
                         N::InstanceMethod<&N::changeNat>("changeNat"),
                         N::InstanceMethod<&N::closeNat>("closeNat"),
                         N::InstanceMethod<&N::translateFlow>("translateFlow"),
                         N::InstanceMethod<&N::closeFlow>("closeFlow"),
                         N::InstanceMethod<&N::counters>("counters"),
                         N::InstanceMethod<&N::installKey>("installKey"),
                         N::InstanceMethod<&N::selectKey>("selectKey"),
                         N::InstanceMethod<&N::removeKey>("removeKey"),
                         N::InstanceMethod<&N::setNextId>("setNextId"),
                         N::InstanceMethod<&N::advanceTestClock>("advanceTestClock"),
                         N::InstanceMethod<&N::timerRounds>("timerRounds"),
                         N::InstanceMethod<&N::sendInband>("sendInband"),
                         N::InstanceMethod<&N::changeRoutes>("changeRoutes"),
                         N::InstanceMethod<&N::setTransit>("setTransit"),
                         N::InstanceMethod<&N::limitThroughput>("limitThroughput"),
                         N::InstanceMethod<&N::totals>("totals"),
                         N::InstanceMethod<&N::close>("close"),
                     });
}

/** Major and minor: within them OpenSSL keeps its interface. */
unsigned long seriesOf(unsigned long version) { return version >> 20; }

Napi::Object load(Napi::Env env, Napi::Object exports) {
  if (seriesOf(OpenSSL_version_num()) != seriesOf(OPENSSL_VERSION_NUMBER)) {
    throw Napi::Error::New(env, std::string("native addon built for ") + OPENSSL_VERSION_TEXT +
                                    ", but this Node has " + OpenSSL_version(OPENSSL_VERSION) +
                                    ": run `npm run build:native`");
  }
  exports.Set("NativeEngine", NativeEngine::define(env));
  return exports;
}

}  // namespace

Napi::Object loadAddon(Napi::Env env, Napi::Object exports) { return load(env, exports); }

}  // namespace causeway

static Napi::Object initializeAddon(Napi::Env env, Napi::Object exports) {
  return causeway::loadAddon(env, exports);
}

NODE_API_MODULE(causeway_datapath, initializeAddon)
