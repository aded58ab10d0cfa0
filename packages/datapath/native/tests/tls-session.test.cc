#include "../tls-session.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "../sstp-format.h"
#include "check.h"

using namespace causeway;
using namespace causeway::test;

namespace {

using Data = std::vector<uint8_t>;

struct Contexts {
  SSL_CTX* server = SSL_CTX_new(TLS_server_method());
  SSL_CTX* client = SSL_CTX_new(TLS_client_method());

  Contexts() {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, X509_VERSION_3);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_sign(certificate, key, EVP_sha256());
    CHECK(SSL_CTX_use_certificate(server, certificate) == 1 && SSL_CTX_use_PrivateKey(server, key) == 1);
    X509_free(certificate);
    EVP_PKEY_free(key);
    SSL_CTX_set_num_tickets(server, 0);
  }
  ~Contexts() {
    SSL_CTX_free(server);
    SSL_CTX_free(client);
  }
};

struct Pair {
  std::unique_ptr<TlsSession> server, client;
  SSL* clientSsl;
};

/** An established pair, as control-tls gives it away: without BIOs. */
Pair openPair(int version, const char* cipher, size_t laterMessages = 8) {
  static const Contexts contexts;
  SSL* ends[] = {SSL_new(contexts.server), SSL_new(contexts.client)};
  SSL_set_accept_state(ends[0]);
  SSL_set_connect_state(ends[1]);
  for (SSL* end : ends) {
    SSL_set_min_proto_version(end, version);
    SSL_set_max_proto_version(end, version);
    CHECK(version == TLS1_3_VERSION || SSL_set_cipher_list(end, cipher) == 1);
  }
  BIO* bios[2];
  CHECK(BIO_new_bio_pair(&bios[0], 0, &bios[1], 0) == 1);
  for (int i : {0, 1}) SSL_set_bio(ends[i], bios[i], bios[i]);
  for (int round = 0; round < 8; round++) {
    for (SSL* end : {ends[1], ends[0]}) SSL_do_handshake(end);
  }
  for (SSL* end : ends) {
    CHECK(SSL_is_init_finished(end));
    SSL_set_bio(end, nullptr, nullptr);
  }
  const auto own = [&](SSL* ssl) {
    return std::make_unique<TlsSession>(std::unique_ptr<SSL, FreeSsl>(ssl), laterMessages);
  };
  return {own(ends[0]), own(ends[1]), ends[1]};
}

Data takeAll(TlsSession& session) {
  const TakenOutput taken = session.take();
  return {taken.bytes().begin(), taken.bytes().end()};
}

/** What is in records that come in pieces of so many bytes, each a memory of its own. */
Data readAll(TlsSession& session, const Data& records, size_t piece, size_t roomRecords) {
  Data plaintext, room(roomRecords * TlsSession::kRecordBytes);
  for (size_t at = 0; at < records.size(); at += piece) {
    const Data chunk(records.begin() + static_cast<ptrdiff_t>(at),
                     records.begin() + static_cast<ptrdiff_t>(std::min(at + piece, records.size())));
    session.lend(chunk);
    size_t length;
    do {
      length = session.read(room);
      plaintext.insert(plaintext.end(), room.begin(), room.begin() + static_cast<ptrdiff_t>(length));
    } while (length + TlsSession::kRecordBytes > room.size());
    session.lend({});
  }
  return plaintext;
}

Data packets(size_t count) {
  Data all;
  for (size_t i = 0; i < count; i++) {
    Data packet = randomBytes(kSstpHeaderLength + below(i % 7 == 0 ? 4092 : 1400));
    packet[0] = kSstpVersion;
    store16(packet.data() + 2, static_cast<uint16_t>(packet.size()));
    all.insert(all.end(), packet.begin(), packet.end());
  }
  return all;
}

size_t writeAll(TlsSession& session, Bytes plaintext, size_t most, bool perPacket, Data& records) {
  size_t calls = 0;
  while (!plaintext.empty()) {
    const size_t written = session.write(plaintext, most, perPacket);
    CHECK(written > 0);
    plaintext = plaintext.subspan(written);
    const Data taken = takeAll(session);
    records.insert(records.end(), taken.begin(), taken.end());
    calls++;
  }
  return calls;
}

std::vector<size_t> recordLengths(const Data& records) {
  std::vector<size_t> lengths;
  for (size_t at = 0; at < records.size(); at += 5 + lengths.back())
    lengths.push_back(load16(records.data() + at + 3));
  return lengths;
}

}  // namespace

TEST(tlsCarriesAnythingHoweverCut) {
  for (int round = 0; round < 40; round++) {
    const bool v13 = round % 3 == 0;
    const char* cipher = round % 3 == 1 ? "ECDHE-ECDSA-AES256-GCM-SHA384" : "ECDHE-ECDSA-AES256-SHA384";
    Pair pair = openPair(v13 ? TLS1_3_VERSION : TLS1_2_VERSION, cipher);
    for (int turn = 0; turn < 3; turn++) {
      TlsSession& from = turn % 2 ? *pair.server : *pair.client;
      TlsSession& to = turn % 2 ? *pair.client : *pair.server;
      const Data sent = packets(1 + below(120));
      Data records;
      writeAll(from, sent, 1 + below(300000), below(2), records);
      CHECK(readAll(to, records, 1 + below(below(2) ? 300000 : 700), 1 + below(3)) == sent);
      CHECK(to.state() == TlsSession::State::kOpen && !to.hasOutput());
    }
  }
}

TEST(recordsAreFullOrOneForEachPacketAndCutNone) {
  Pair pair = openPair(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384");
  const Data sent = packets(300);
  for (const bool perPacket : {false, true}) {
    Data records;
    writeAll(*pair.server, sent, 100000, perPacket, records);
    // GCM adds 24 bytes; each record begins with a packet's head.
    size_t at = 0;
    for (const size_t length : recordLengths(records)) {
      const size_t plain = length - 24;
      CHECK(sstpLength(sent.data() + at) > 0 && (!perPacket || sstpLength(sent.data() + at) == plain));
      at += plain;
      const bool last = at == sent.size();
      CHECK(perPacket || last || plain > TlsSession::kRecordBytes - kLongestSstpPacket);
    }
    CHECK(at == sent.size());
    CHECK(readAll(*pair.client, records, 5000, 2) == sent);
  }
}

TEST(aPlaintextThatIsNoPacketIsCarriedToo) {
  Pair pair = openPair(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384");
  for (const bool perPacket : {false, true}) {
    for (const size_t length : {1u, 3u, 50000u}) {
      Data sent(length, 0xee), records;
      writeAll(*pair.server, sent, 1, perPacket, records);
      CHECK(readAll(*pair.client, records, 1000, 1) == sent);
    }
  }
}

TEST(anyChangedByteIsAFailureThatThePeerIsToldOf) {
  for (int round = 0; round < 60; round++) {
    Pair pair = openPair(round % 2 ? TLS1_2_VERSION : TLS1_3_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384");
    Data records;
    writeAll(*pair.client, packets(1), 1, false, records);
    // Behind the head, of which a changed length may as well wait for more.
    records[5 + below(records.size() - 5)] ^= static_cast<uint8_t>(1 + below(255));
    CHECK(readAll(*pair.server, records, records.size(), 2).empty());
    CHECK(pair.server->state() == TlsSession::State::kFailed);
    CHECK(pair.server->failure() == "TLS: decryption failed or bad record mac");
    CHECK(pair.server->hasOutput());
    readAll(*pair.client, takeAll(*pair.server), 1000, 2);
    CHECK(pair.client->state() == TlsSession::State::kFailed);
    CHECK(pair.server->write(packets(2), 1, false) == 0 && !pair.server->hasOutput());
  }
}

TEST(noiseInPlaceOfRecordsEndsWithoutHarm) {
  for (int round = 0; round < 300; round++) {
    Pair pair = openPair(round % 2 ? TLS1_2_VERSION : TLS1_3_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384");
    Data noise = randomBytes(1 + below(3000));
    const uint8_t head[] = {static_cast<uint8_t>(20 + below(5)), 3, 3, static_cast<uint8_t>(below(70))};
    std::copy_n(head, std::min(sizeof head, noise.size()), noise.begin());
    CHECK(readAll(*pair.server, noise, 1 + below(noise.size()), 2).empty());
    takeAll(*pair.server);
  }
}

TEST(anEndIsToldOnceAndNothingIsWrittenBehindIt) {
  Pair pair = openPair(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384");
  pair.server->end();
  pair.server->end();
  CHECK(pair.server->write(packets(1), 1, false) == 0);
  const Data records = takeAll(*pair.server);
  CHECK(recordLengths(records).size() == 1 && records[0] == SSL3_RT_ALERT);
  CHECK(readAll(*pair.client, records, 1000, 2).empty());
  CHECK(pair.client->state() == TlsSession::State::kEnded);
  Data back;
  writeAll(*pair.client, packets(3), 1, false, back);
  CHECK(!readAll(*pair.server, back, 100, 2).empty());
}

TEST(messagesAfterTheHandshakeAreBounded) {
  Pair pair = openPair(TLS1_3_VERSION, "", 4);
  for (int i = 0; i < 6; i++) {
    CHECK(SSL_key_update(pair.clientSsl, SSL_KEY_UPDATE_REQUESTED) == 1);
    Data records;
    writeAll(*pair.client, packets(1), 1, false, records);
    readAll(*pair.server, records, 10000, 2);
    const bool open = pair.server->state() == TlsSession::State::kOpen;
    CHECK(open == (i < 4));
    if (!open) break;
    readAll(*pair.client, takeAll(*pair.server), 10000, 2);
  }
  CHECK(pair.server->failure() == "TLS: the peer sends more messages than it may");
}

TEST(aRenegotiationIsRefused) {
  Pair pair = openPair(TLS1_2_VERSION, "ECDHE-ECDSA-AES256-GCM-SHA384");
  SSL_clear_options(pair.clientSsl, SSL_OP_NO_RENEGOTIATION);
  CHECK(SSL_renegotiate(pair.clientSsl) == 1);
  SSL_do_handshake(pair.clientSsl);
  const Data hello = takeAll(*pair.client);
  CHECK(!hello.empty() && readAll(*pair.server, hello, hello.size(), 2).empty());
  const Data answer = takeAll(*pair.server);
  CHECK(recordLengths(answer).size() == 1 && answer[0] == SSL3_RT_ALERT);
  CHECK(readAll(*pair.client, answer, answer.size(), 2).empty());
  CHECK(pair.client->state() == TlsSession::State::kFailed);
}
