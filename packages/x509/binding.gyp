{
  "targets": [
    {
      "target_name": "causeway_x509",
      "sources": [
        "native/addon.cc",
        "native/certificate.cc",
        "native/description.cc",
        "native/key_policy.cc",
        "native/known_certificates.cc",
        "native/ocsp.cc",
        "native/path_facts.cc",
        "native/pkcs12.cc",
        "native/status_time.cc",
        "native/thumbprint.cc",
        "native/trust_store.cc",
        "native/validation_reason.cc"
      ],
      "include_dirs": ["<!@(node -p \"require('node-addon-api').include\")"],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS", "OPENSSL_API_COMPAT=30000", "OPENSSL_NO_DEPRECATED"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++14", "-std=gnu++17", "-std=gnu++20", "-O3"],
      "cflags!": ["-O3"],
      "cflags_cc": ["-std=c++20", "-O2", "-fexceptions", "-Wall", "-Wextra", "-Werror", "-fvisibility=hidden"]
    }
  ]
}
