#include "attest/hello.hpp"

#include <array>

#include "crypto/random.hpp"

namespace probity::attest {
namespace {

void append_u16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void append(Bytes& out, BytesView part) { out.insert(out.end(), part.begin(), part.end()); }

/// An extension: type, length, content.
void extension(Bytes& out, std::uint16_t type, BytesView content) {
  append_u16(out, type);
  append_u16(out, content.size());
  append(out, content);
}

/// A list with its length in two bytes before it.
Bytes listed(BytesView content) {
  Bytes out;
  append_u16(out, content.size());
  append(out, content);
  return out;
}

Bytes name_list(const std::string& name) {
  Bytes entry{0};
  append_u16(entry, name.size());
  append(entry, as_bytes(name));
  return listed(entry);
}

Bytes extensions_for(std::uint16_t version, const std::string& server_name) {
  Bytes out;
  if (!server_name.empty()) extension(out, 0, name_list(server_name));
  // x25519, secp256r1, secp384r1.
  extension(out, 10, Bytes{0, 6, 0, 0x1D, 0, 0x17, 0, 0x18});
  extension(out, 11, Bytes{1, 0});
  // ECDSA, RSA-PSS and RSA-PKCS1 with SHA-256 to SHA-512, and SHA-1 for old versions.
  const Bytes schemes{4, 3, 5, 3, 6, 3, 8, 4, 8, 5, 8, 6, 4, 1, 5, 1, 6, 1, 2, 3, 2, 1};
  extension(out, 13, listed(schemes));
  if (version < k_tls_1_3) return out;
  extension(out, 43, Bytes{2, 3, 4});
  // Any 32 bytes are a public key of X25519 (RFC 7748).
  Bytes share{0, 0x1D};
  append_u16(share, 32);
  append(share, crypto::random_bytes(32));
  extension(out, 51, listed(share));
  return out;
}

std::size_t u16_at(BytesView bytes, std::size_t at) {
  return static_cast<std::size_t>(bytes[at] << 8 | bytes[at + 1]);
}

/// The version a TLS 1.3 server names in its extension; the legacy one otherwise.
std::uint16_t chosen_version(BytesView hello, std::size_t at, std::uint16_t legacy) {
  if (at + 2 > hello.size()) return legacy;
  const std::size_t end = std::min(hello.size(), at + 2 + u16_at(hello, at));
  for (at += 2; at + 4 <= end;) {
    const std::size_t size = u16_at(hello, at + 2);
    if (u16_at(hello, at) == 43 && size == 2 && at + 6 <= end)
      return static_cast<std::uint16_t>(u16_at(hello, at + 4));
    at += 4 + size;
  }
  return legacy;
}

Greeting read_server_hello(BytesView hello) {
  Greeting greeting{.kind = Greeting::Kind::Other};
  // Type 1, length 3, version 2, random 32, session id length 1.
  constexpr std::size_t k_fixed = 39;
  if (hello.size() < k_fixed || hello[0] != 2) return greeting;
  const std::size_t after_id = k_fixed + hello[k_fixed - 1];
  if (after_id + 3 > hello.size()) return greeting;
  greeting.kind = Greeting::Kind::ServerHello;
  greeting.suite = static_cast<std::uint16_t>(u16_at(hello, after_id));
  greeting.version =
      chosen_version(hello, after_id + 3, static_cast<std::uint16_t>(u16_at(hello, 4)));
  return greeting;
}

}  // namespace

const std::vector<Suite>& known_suites() {
  static const std::vector<Suite> suites{
      {0x1301, "TLS_AES_128_GCM_SHA256", true, true},
      {0x1302, "TLS_AES_256_GCM_SHA384", true, true},
      {0x1303, "TLS_CHACHA20_POLY1305_SHA256", true, true},
      {0x1304, "TLS_AES_128_CCM_SHA256", false, true},
      {0x1305, "TLS_AES_128_CCM_8_SHA256", false, true},
      {0xC02B, "ECDHE_ECDSA_AES_128_GCM", true, false},
      {0xC02C, "ECDHE_ECDSA_AES_256_GCM", true, false},
      {0xC02F, "ECDHE_RSA_AES_128_GCM", true, false},
      {0xC030, "ECDHE_RSA_AES_256_GCM", true, false},
      {0xCCA8, "ECDHE_RSA_CHACHA20_POLY1305", true, false},
      {0xCCA9, "ECDHE_ECDSA_CHACHA20_POLY1305", true, false},
      {0x0001, "RSA_NULL_MD5", false, false},
      {0x0002, "RSA_NULL_SHA", false, false},
      {0x003B, "RSA_NULL_SHA256", false, false},
      {0xC006, "ECDHE_ECDSA_NULL_SHA", false, false},
      {0xC010, "ECDHE_RSA_NULL_SHA", false, false},
      {0xC015, "ECDH_anon_NULL_SHA", false, false},
      {0x0003, "RSA_EXPORT_RC4_40_MD5", false, false},
      {0x0008, "RSA_EXPORT_DES40_CBC_SHA", false, false},
      {0x0014, "DHE_RSA_EXPORT_DES40_CBC_SHA", false, false},
      {0x0004, "RSA_RC4_128_MD5", false, false},
      {0x0005, "RSA_RC4_128_SHA", false, false},
      {0xC007, "ECDHE_ECDSA_RC4_128_SHA", false, false},
      {0xC011, "ECDHE_RSA_RC4_128_SHA", false, false},
      {0x0009, "RSA_DES_CBC_SHA", false, false},
      {0x000A, "RSA_3DES_EDE_CBC_SHA", false, false},
      {0xC008, "ECDHE_ECDSA_3DES_EDE_CBC_SHA", false, false},
      {0xC012, "ECDHE_RSA_3DES_EDE_CBC_SHA", false, false},
      {0x002F, "RSA_AES_128_CBC_SHA", false, false},
      {0x0035, "RSA_AES_256_CBC_SHA", false, false},
      {0x003C, "RSA_AES_128_CBC_SHA256", false, false},
      {0x003D, "RSA_AES_256_CBC_SHA256", false, false},
      {0x009C, "RSA_AES_128_GCM", false, false},
      {0x009D, "RSA_AES_256_GCM", false, false},
      {0xC09C, "RSA_AES_128_CCM", false, false},
      {0xC09D, "RSA_AES_256_CCM", false, false},
      {0x0033, "DHE_RSA_AES_128_CBC_SHA", false, false},
      {0x0039, "DHE_RSA_AES_256_CBC_SHA", false, false},
      {0x009E, "DHE_RSA_AES_128_GCM", false, false},
      {0x009F, "DHE_RSA_AES_256_GCM", false, false},
      {0xCCAA, "DHE_RSA_CHACHA20_POLY1305", false, false},
      {0x0018, "DH_anon_RC4_128_MD5", false, false},
      {0x0034, "DH_anon_AES_128_CBC_SHA", false, false},
      {0x003A, "DH_anon_AES_256_CBC_SHA", false, false},
      {0x00A6, "DH_anon_AES_128_GCM", false, false},
      {0x00A7, "DH_anon_AES_256_GCM", false, false},
      {0xC018, "ECDH_anon_AES_128_CBC_SHA", false, false},
      {0xC019, "ECDH_anon_AES_256_CBC_SHA", false, false},
      {0xC009, "ECDHE_ECDSA_AES_128_CBC_SHA", false, false},
      {0xC00A, "ECDHE_ECDSA_AES_256_CBC_SHA", false, false},
      {0xC013, "ECDHE_RSA_AES_128_CBC_SHA", false, false},
      {0xC014, "ECDHE_RSA_AES_256_CBC_SHA", false, false},
      {0xC023, "ECDHE_ECDSA_AES_128_CBC_SHA256", false, false},
      {0xC024, "ECDHE_ECDSA_AES_256_CBC_SHA384", false, false},
      {0xC027, "ECDHE_RSA_AES_128_CBC_SHA256", false, false},
      {0xC028, "ECDHE_RSA_AES_256_CBC_SHA384", false, false},
      {0xC0AC, "ECDHE_ECDSA_AES_128_CCM", false, false},
      {0xC0AD, "ECDHE_ECDSA_AES_256_CCM", false, false},
      {0xC02D, "ECDH_ECDSA_AES_128_GCM", false, false},
      {0xC031, "ECDH_RSA_AES_128_GCM", false, false},
  };
  return suites;
}

Bytes client_hello(std::uint16_t version, const std::vector<std::uint16_t>& suites,
                   const std::string& server_name) {
  Bytes body;
  append_u16(body, std::min(version, k_tls_1_2));
  append(body, crypto::random_bytes(32));
  body.push_back(32);
  append(body, crypto::random_bytes(32));
  append_u16(body, suites.size() * 2);
  for (const std::uint16_t suite : suites)
    append_u16(body, suite);
  body.push_back(1);
  body.push_back(0);
  // SSL 3.0 knows no extensions.
  if (version > k_ssl_3_0) append(body, listed(extensions_for(version, server_name)));

  Bytes message{1, static_cast<std::uint8_t>(body.size() >> 16)};
  append_u16(message, body.size() & 0xFFFF);
  append(message, body);
  Bytes record{22};
  append_u16(record, version > k_tls_1_0 ? k_tls_1_0 : version);
  append_u16(record, message.size());
  append(record, message);
  return record;
}

Greeting read_greeting(BytesView bytes) {
  Greeting greeting;
  constexpr std::size_t k_head = 5;
  if (bytes.size() < k_head) return greeting;
  greeting.kind = Greeting::Kind::Other;
  const std::size_t size = std::min(bytes.size() - k_head, u16_at(bytes, 3));
  const BytesView content = bytes.subspan(k_head, size);
  if (bytes[0] == 21 && content.size() >= 2) {
    greeting.kind = Greeting::Kind::Alert;
    greeting.alert = content[1];
    return greeting;
  }
  return bytes[0] == 22 ? read_server_hello(content) : greeting;
}

}  // namespace probity::attest
