#include "stream.h"

#include <openssl/crypto.h>

namespace causeway {

TakenOutput Stream::take(size_t most) {
  if (tls && tls->hasOutput()) return tls->take();
  if (!unsealed_.memory) {
    const std::lock_guard lock(output.mutex());
    unsealed_ = output.take();
    sealed_ = 0;
  }
  if (!tls) return std::exchange(unsealed_, {});
  if (unsealed_.memory) seal(most);
  else if (ends_) tls->end();
  return tls->take();
}

void Stream::end() {
  ends_ = true;
  const std::lock_guard lock(output.mutex());
  output.close();
}

bool Stream::hasOutput() {
  const std::lock_guard lock(output.mutex());
  return unsealed_.memory || !output.isEmpty() || (pump && pump->hasPending());
}

void Stream::seal(size_t most) {
  sealed_ += tls->write(unsealed_.bytes().subspan(sealed_), most, recordPerPacket);
  if (sealed_ < unsealed_.length && tls->state() != TlsSession::State::kFailed) return;
  // Control packets may hold a password.
  if (unsealed_.control) OPENSSL_cleanse(unsealed_.memory.get(), unsealed_.length);
  unsealed_ = {};
}

}  // namespace causeway
