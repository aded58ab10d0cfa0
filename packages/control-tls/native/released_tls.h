// How an established TLS connection goes from one addon of the process to another: inside a JavaScript object that
// bears this tag. Both sides are built with this header; the tag changes whenever the struct does.
#pragma once

#include <node_api.h>
#include <openssl/ssl.h>

#include <cstddef>

namespace causeway::control_tls {

constexpr napi_type_tag kReleasedTlsTag{0x5d0c7be1f3a94e26, 0x8f17d2c96b3e4a50};

// What the object wraps. Who takes the connection leaves null. It comes without BIOs, with nothing waiting to be
// read but what may be there of a record that is cut.
struct ReleasedTls {
  SSL* ssl = nullptr;
  // TLS messages other than data that the peer may still send.
  std::size_t laterMessages = 0;

  ~ReleasedTls() { SSL_free(ssl); }
};

}  // namespace causeway::control_tls
