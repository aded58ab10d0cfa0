#include <memory>
#include <string>
#include <string_view>

#include "esp-fixture.h"

using namespace causeway;
using namespace causeway::test;

namespace {

std::vector<uint8_t> bytesOf(std::string_view hex) {
  std::vector<uint8_t> bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<uint8_t>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

struct KnownPacket {
  CipherKind cipher;
  DigestKind digest;
  bool extended;
  uint64_t sequence;
  int version;
  const char* packet;
};

/**
 * Made with Python's `cryptography` 48 and `hmac` from the RFCs' words: SPI 0x1000beef, cipher keys that
 * count up from 2, salt or HMAC keys from 6, IVs from 0xe0, padding 1, 2, 3. For GCM: header + iv +
 * AESGCM(key).encrypt(salt + iv, inner + padding, header, or SPI and 64-bit number) and for CBC: c = header +
 * iv + AES-CBC(inner + padding);  c + HMAC(c, and the number's high half)[:length] Those of one transform
 * with extended numbers go over the end of the low half.
 */
constexpr KnownPacket kKnownPackets[] = {
    {CipherKind::kAes128Gcm, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e730972bb4c25ed6dddd9daf588e68a93795479586d2d909bd2dd3e41a"
     "606a141c5821eec064f91553d2b5fe55cd951643b8af2eff"},
    {CipherKind::kAes128Cbc, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1ea322d006f0cbdb8cd19bc99f5"},
    {CipherKind::kAes128Cbc, DigestKind::kSha256, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1eae39d49f5f55e2d13ccb610acec429b6d"},
    {CipherKind::kAes128Cbc, DigestKind::kSha384, false, 0x5, 6,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeeff8774196595ead25e1b715dbb4fc34f45f9a8a84"
     "59c4178f6285f4a76889aaf8898c4ee9762e1d16955d2da8a830b2ccb2ce06c11ba910fa095d0d51dfe83265"
     "a81862cccf83162f6471cd5283763a90c3962d375a15d914"},
    {CipherKind::kAes128Cbc, DigestKind::kSha512, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1ea1069f4cfd50711621ac1379555d343c9"
     "28f4a53c1e4457e0bb927fcbb35135de"},
    {CipherKind::kAes192Gcm, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e711d18a55e2179214170972f6bdc690004700e589093f0f20999b83b6"
     "b8b492e552f2f22178597b2a4730e3be319180796b2fe703"},
    {CipherKind::kAes192Cbc, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeefabe7f5d7c3119bb9a147121c2b7f60eb166f1285"
     "e865e9a185ff445c7a9ebd9a1b6d87adaf331382c3e49388e3a4b248d0d58c81badb96c6b7e1539e"},
    {CipherKind::kAes192Cbc, DigestKind::kSha256, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeefabe7f5d7c3119bb9a147121c2b7f60eb166f1285"
     "e865e9a185ff445c7a9ebd9a1b6d87adaf331382c3e49388e3a4b24847cd34d29d1e322be0329d1d3bd79fa5"},
    {CipherKind::kAes192Cbc, DigestKind::kSha384, false, 0x5, 6,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef632f65f806b8ecdff5da346e273f8f7d53f618f4"
     "cacd310141ad06a6fc0d544f929c9ba1afc09720cc512d58d53599dbea78afc060c2ab8b55437dd8766a192b"
     "08573e2634a4a5820bc8130186442d5fcf12758fcecd287c"},
    {CipherKind::kAes192Cbc, DigestKind::kSha512, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeefabe7f5d7c3119bb9a147121c2b7f60eb166f1285"
     "e865e9a185ff445c7a9ebd9a1b6d87adaf331382c3e49388e3a4b248b2717eab61e3053df9a08321c0192026"
     "b0b7b32183b500a0b4b376f451b5daf5"},
    {CipherKind::kAes256Gcm, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e744fdcb51b0f44b7d52c4c7ff3982015e45071dc12e78e76ac9b02999"
     "e00bc8d5f7155edf9f31b76521e89bbeb161470174259fdb"},
    {CipherKind::kAes256Cbc, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef733a34b93b32fa63a20ba5ad7c18a519e1084cce"
     "599cbf1970ca30211eb1b059ff700576966d1106baf2846151b9af68190714e618785901ef66a0e5"},
    {CipherKind::kAes256Cbc, DigestKind::kSha256, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef733a34b93b32fa63a20ba5ad7c18a519e1084cce"
     "599cbf1970ca30211eb1b059ff700576966d1106baf2846151b9af68be1f85757d5a12fd9f15208346ade012"},
    {CipherKind::kAes256Cbc, DigestKind::kSha384, false, 0x5, 6,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeeffcd4d963aefc80455ba27de0687c2c451c2b057d"
     "32b1b464da6c27f64376d41db35a2819555f0d4fff1df5a6fbe821b5f96a03e225c1d97c3f47c0b4e6bd352d"
     "2b3ef483a4f69b4843b1055c366198de7151c7add00eec05"},
    {CipherKind::kAes256Cbc, DigestKind::kSha512, false, 0x5, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef733a34b93b32fa63a20ba5ad7c18a519e1084cce"
     "599cbf1970ca30211eb1b059ff700576966d1106baf2846151b9af68bdad244be6e8af7df93c273f14677047"
     "120b11a6fb0b8db4c1891124299dcb5a"},
    {CipherKind::kAes256Gcm, DigestKind::kSha1, true, 0xfffffff0, 4,
     "1000beeffffffff0e0e1e2e3e4e5e6e744fdcb51b0f44b7d52c4c7ff3982015e45071dc12e78e76ac9b02999"
     "e00bc8d5f7155edfd1a3078dce4cbf21e20fad3d4407887c"},
    {CipherKind::kAes256Gcm, DigestKind::kSha1, true, 0x100000005, 4,
     "1000beef00000005e0e1e2e3e4e5e6e744fdcb51b0f44b7d52c4c7ff3982015e45071dc12e78e76ac9b02999"
     "e00bc8d5f7155edf7f938141b8bb00668f8a3a16934660aa"},
    {CipherKind::kAes128Cbc, DigestKind::kSha256, true, 0xfffffff0, 4,
     "1000beeffffffff0e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1ea419df47a8297e0bf760245a37aff0498"},
    {CipherKind::kAes128Cbc, DigestKind::kSha256, true, 0x100000005, 4,
     "1000beef00000005e0e1e2e3e4e5e6e7e8e9eaebecedeeef3a5ba4f3d4569cca82e5a72fdca599c523109925"
     "d76049ecfe3ebd6bb972c2031e309541f464822b335799e209f9d1ea16cbcb76446268a0433942c2863e91a9"},
};

/** Made alike, with the sequence number for IV, as this sender does it. */
constexpr KnownPacket kCountedPackets[] = {
    {CipherKind::kAes128Gcm, DigestKind::kSha1, false, 0x5, 4,
     "1000beef000000050000000000000005f7d79acadbbc7925171f7d74cdac2b8bfcb4d6ba01e41ac0f1a8f755"
     "b5ca92f50520f6201fabb14b17d55be4989c3fbb0f44277a"},
    {CipherKind::kAes192Gcm, DigestKind::kSha1, false, 0x5, 4,
     "1000beef000000050000000000000005cebc1748aaf830b99a0490454c0be730f3e45ba1facb74cb3984cfc3"
     "39f93cdbb8a6b35817e695b858b6d376c488d69a689adf89"},
    {CipherKind::kAes256Gcm, DigestKind::kSha1, false, 0x5, 4,
     "1000beef00000005000000000000000539321d4f06ad8a2b64c3611df5614f859ebd3798b39df233a56d90c9"
     "e52873e2faa7315bfe6d10016846bb36e07f501ee516c88e"},
    {CipherKind::kAes128Gcm, DigestKind::kSha1, true, 0x5, 4,
     "1000beef000000050000000000000005f7d79acadbbc7925171f7d74cdac2b8bfcb4d6ba01e41ac0f1a8f755"
     "b5ca92f50520f6203123c609486bd9eb95ae3585da7e5fa3"},
    {CipherKind::kAes256Gcm, DigestKind::kSha1, true, 0x100000005, 4,
     "1000beef00000005000000010000000505ff0c2f319bf990efb5036d5c5e17c9f208abea9dc18efc7a6c8107"
     "d8fb29a47cb55676e03dad706fe0feffa95abc730b505973"},
};

/** 10.8.0.2 to 192.168.1.1 and fd00::2 to fd00::1, protocol 253, "known answer". */
constexpr const char* kInner4 = "450000200000000040fdae2e0a080002c0a801016b6e6f776e20616e73776572";
constexpr const char* kInner6 =
    "60000000000cfd40fd000000000000000000000000000002fd0000000000000000000000000000016b6e6f776e20616e7377657"
    "2";

}  // namespace

TEST(espOpensWhatOthersSealed) {
  std::unique_ptr<EspSa> sa;
  CipherKind before = CipherKind::kChaCha20Poly1305;
  for (const KnownPacket& known : kKnownPackets) {
    // Extended numbers need the packet before, to know their high half.
    const bool goesOn = known.extended && known.cipher == before && known.sequence >> 32 != 0;
    if (!goesOn) sa = std::make_unique<EspSa>(optionsOf(known.cipher, known.digest, known.extended), kLanes);
    before = known.cipher;
    CHECK(opensTo(*sa, bytesOf(known.packet), bytesOf(known.version == 4 ? kInner4 : kInner6)));
  }
}

TEST(espSealsWhatOthersSealed) {
  for (const KnownPacket& known : kCountedPackets) {
    EspSa sa(optionsOf(known.cipher, known.digest, known.extended), kLanes);
    sa.setNextSequence(known.sequence);
    CHECK(sealed(sa, bytesOf(kInner4)) == bytesOf(known.packet));
  }
}

/**
 * draft-mcgrew-gcm-test-01 §4, cases with SPI 4a2cbfe3 and 00000100 (the latter with extended numbers). Their
 * next header is 1, which is authentic but not for tunnel mode.
 */
TEST(espAgreesWithPublishedCases) {
  struct Case {
    CipherKind cipher;
    bool extended;
    const char* key;
    const char* salt;
    const char* packet;
    const char* plaintext;
  };
  constexpr Case cases[] = {
      {CipherKind::kAes256Gcm, false, "abbccddef00112233445566778899aababbccddef00112233445566778899aab",
       "11223344",
       "4a2cbfe3000000020102030405060708"
       "ff425c9b724599df7a3bcd510194e00d6a78107f1b0b1cbf06efae9d65a5d763748a637985771d347f0545659f14e99d"
       "ef842d8eb335f4eecfdbf831824b4c4915956c96",
       "4500003069a6400080062690c0a801029389155e0a9e008b2dc57ee0000000007002400020bf0000020405b40101040201020"
       "201"},
      {CipherKind::kAes128Gcm, true, "abbccddef00112233445566778899aab", "decaf888",
       "0000010000000001cafedebaceface74"
       "18a6fd42f72cbf4ab2a2ea901f73d814e3e7f243d95412e1c349c1d2fbec168f9190feebaf2cb01984e65863965d7472"
       "b79da345e0e780191f0d2f0e0f496c226f2127b27db35724e7845d68651f57e65f354f75ff17015769623436",
       "4500004933ba00007f119106c3fb1d10c2b1d326c02831ce0035dd7b800302d500004e20001e8c18d75b81dc91baa047"
       "6b91b924b280389d92c963bac046ec959b6266c04722b14923010101"}};
  for (const Case& one : cases) {
    EspSaOptions options = optionsOf(one.cipher, DigestKind::kSha1, one.extended);
    std::ranges::copy(bytesOf(one.key), options.receive.cipherKey);
    std::ranges::copy(bytesOf(one.salt), options.receive.authKey);
    EspSa sa(options, kLanes);
    std::vector<uint8_t> packet = bytesOf(one.packet);
    const std::vector<uint8_t> plaintext = bytesOf(one.plaintext);
    CHECK(sa.open(packet).status == Opened::Status::kRefused);
    CHECK(std::equal(plaintext.begin(), plaintext.end(), packet.begin() + 16));
  }
}
