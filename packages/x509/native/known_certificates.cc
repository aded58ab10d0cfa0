#include "known_certificates.h"

namespace causeway::x509 {

namespace {

// Ours: about 1 MB.
constexpr std::size_t kKnownMaximum = 256;

std::string_view nameOf(ByteView der) { return {reinterpret_cast<const char*>(der.data()), der.size()}; }

X509Ptr shared(X509* certificate) {
  return X509Ptr(X509_up_ref(certificate) == 1 ? certificate : nullptr);
}

}  // namespace

X509Ptr KnownCertificates::find(ByteView der) {
  const auto found = byDer_.find(nameOf(der));
  if (found == byDer_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found->second);
  return shared(found->second->certificate.get());
}

void KnownCertificates::remember(ByteView der, X509* certificate) {
  if (byDer_.contains(nameOf(der))) return;
  entries_.push_front({Bytes(der.begin(), der.end()), shared(certificate)});
  byDer_.emplace(nameOf(entries_.front().der), entries_.begin());
  if (entries_.size() <= kKnownMaximum) return;
  byDer_.erase(nameOf(entries_.back().der));
  entries_.pop_back();
}

}  // namespace causeway::x509
