// Diffie-Hellman on curves, with private keys that the caller chooses.
#pragma once

#include "openssl_handle.h"

namespace causeway::crypto {

// A curve over a prime field whose order is prime, so that a point on it is all that has to be checked.
class PrimeCurve {
 public:
  // `nid`: OpenSSL's number of the curve.
  PrimeCurve(int nid, std::size_t fieldBytes);
  std::size_t fieldBytes() const { return fieldBytes_; }
  // x‖y of the base point times `secret`, a number of fieldBytes from 1 to below the order.
  void publicValue(ByteView secret, ByteSpan result) const;
  // x of the point `peer` (x‖y) times `secret`. False when the point is not on the curve.
  bool agree(ByteView secret, ByteView peer, ByteSpan result) const;

 private:
  // Of `point` or, when there is none, of the base point.
  PointPtr multiply(ByteView secret, const EC_POINT* point) const;
  // x‖y
  void write(const EC_POINT* point, ByteSpan result) const;

  std::size_t fieldBytes_;
  GroupPtr group_;
  BignumContextPtr numbers_;
};

constexpr std::size_t kX25519Bytes = 32;

// RFC 7748 §6.1. Any 32 bytes are a secret.
void x25519PublicValue(ByteView secret, ByteSpan result);
// False for a result of zeros, which the points of small order give.
bool x25519Agree(ByteView secret, ByteView peer, ByteSpan result);

}  // namespace causeway::crypto
