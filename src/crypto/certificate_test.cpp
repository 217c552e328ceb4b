#include "crypto/certificate.hpp"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "crypto/openssl.hpp"

namespace probity::crypto {
namespace {

namespace fs = std::filesystem;

const Instant k_from = Instant::from_s(1'767'225'600);  // 2026-01-01.
const Instant k_until = k_from + Span::days(365);

class Certificate : public testing::Test {
 protected:
  Certificate() {
    std::string name = (fs::temp_directory_path() / "probity-cert-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Certificate() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  [[nodiscard]] fs::path file(std::string_view name) const { return folder_ / name; }
  [[nodiscard]] Result<void> make(const std::vector<std::string>& names = {"localhost"},
                                  std::string_view base = "tls") const {
    const std::string stem(base);
    return make_self_signed(file(stem + ".crt"), file(stem + ".key"), names, k_from, k_until);
  }
  [[nodiscard]] Result<CertificateInfo> inspect() const {
    return inspect_certificate(file("tls.crt"), file("tls.key"));
  }

 private:
  fs::path folder_;
};

mode_t mode_of(const fs::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 07777;
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

ssl::Certificate parse(const std::string& pem) {
  const ssl::Stream stream(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return ssl::Certificate(PEM_read_bio_X509(stream.get(), nullptr, nullptr, nullptr));
}

TEST_F(Certificate, SaysWhatItWasMadeWith) {
  ASSERT_TRUE(make({"probity.example", "*.example.org", "127.0.0.1", "::1"}));
  const auto info = inspect();
  ASSERT_TRUE(info) << info.error().detail;
  EXPECT_EQ(info->subject, "CN=probity.example");
  EXPECT_EQ(info->names,
            (std::vector<std::string>{"probity.example", "*.example.org", "127.0.0.1", "::1"}));
  EXPECT_EQ(info->not_before, k_from);
  EXPECT_EQ(info->not_after, k_until);
  EXPECT_EQ(info->sha256_hex.size(), 64U);
  EXPECT_TRUE(info->is_self_signed);
}

TEST_F(Certificate, KeyIsForItsOwnerOnly) {
  ASSERT_TRUE(make());
  EXPECT_EQ(mode_of(file("tls.key")), 0600U);
  EXPECT_EQ(mode_of(file("tls.crt")), 0644U);
}

TEST_F(Certificate, IsP256SignedWithSha256ForServers) {
  ASSERT_TRUE(make());
  const ssl::Certificate x = parse(read(file("tls.crt")));
  ASSERT_TRUE(x);
  EVP_PKEY* const key = X509_get0_pubkey(x.get());
  EXPECT_EQ(EVP_PKEY_get_bits(key), 256);
  EXPECT_EQ(EVP_PKEY_get_security_bits(key), 128);
  EXPECT_EQ(X509_get_signature_nid(x.get()), NID_ecdsa_with_SHA256);
  EXPECT_EQ(X509_get_version(x.get()), 2);
  EXPECT_EQ(X509_check_ca(x.get()), 0);
  EXPECT_EQ(X509_check_purpose(x.get(), X509_PURPOSE_SSL_SERVER, 0), 1);
  EXPECT_EQ(X509_check_host(x.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_NE(X509_check_host(x.get(), "other.example", 0, 0, nullptr), 1);
}

TEST_F(Certificate, MatchesItsAddresses) {
  ASSERT_TRUE(make({"127.0.0.1", "::1"}));
  const ssl::Certificate x = parse(read(file("tls.crt")));
  ASSERT_TRUE(x);
  EXPECT_EQ(X509_check_ip_asc(x.get(), "127.0.0.1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(x.get(), "::1", 0), 1);
  EXPECT_NE(X509_check_ip_asc(x.get(), "127.0.0.2", 0), 1);
}

TEST_F(Certificate, TwoAreNeverTheSame) {
  ASSERT_TRUE(make());
  const auto first = inspect();
  ASSERT_TRUE(make());
  const auto second = inspect();
  ASSERT_TRUE(first && second);
  EXPECT_NE(first->sha256_hex, second->sha256_hex);
}

TEST_F(Certificate, RefusesNamesThatAreNone) {
  for (const std::string& name :
       {std::string(), std::string("a b"), std::string("DNS:x,IP:1.2.3.4"), std::string(".x"),
        std::string("x."), std::string("a..b"), std::string("*"), std::string("x.*"),
        std::string("a\0b", 3), std::string("a\nb"), std::string(254, 'a')})
    EXPECT_EQ(make({name}).error().code, Code::Config) << name;
  EXPECT_EQ(make({}).error().code, Code::Config);
  EXPECT_TRUE(make({std::string(253, 'a')}));
  EXPECT_EQ(make_self_signed(file("x"), file("y"), {"localhost"}, k_from, k_from).error().code,
            Code::Config);
}

TEST_F(Certificate, SaysWhenItCannotWrite) {
  EXPECT_EQ(make({"localhost"}, "none/tls").error().code, Code::StorageFailed);
}

TEST_F(Certificate, InspectRefusesAKeyOfAnother) {
  ASSERT_TRUE(make({"localhost"}, "other"));
  ASSERT_TRUE(make());
  fs::copy_file(file("other.key"), file("tls.key"), fs::copy_options::overwrite_existing);
  const auto info = inspect();
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, Code::Config);
  EXPECT_NE(info.error().detail.find("does not belong"), std::string::npos);
}

TEST_F(Certificate, InspectRefusesWhatIsMissingOrNoPem) {
  EXPECT_EQ(inspect().error().code, Code::Config);
  ASSERT_TRUE(make());
  fs::remove(file("tls.key"));
  EXPECT_EQ(inspect().error().code, Code::Config);
  ASSERT_TRUE(make());
  const std::string pem = read(file("tls.crt"));
  for (const std::string& text : {std::string(), std::string("x"), pem.substr(0, pem.size() / 2),
                                  std::string("-----BEGIN CERTIFICATE-----\nAAAA\n"
                                              "-----END CERTIFICATE-----\n")}) {
    std::ofstream(file("tls.crt"), std::ios::binary) << text;
    EXPECT_EQ(inspect().error().code, Code::Config) << text;
  }
  std::ofstream(file("tls.crt"), std::ios::binary) << pem;
  std::ofstream(file("tls.key"), std::ios::binary) << pem;
  EXPECT_EQ(inspect().error().code, Code::Config);
}

TEST_F(Certificate, InspectAsksForNoPassPhrase) {
  ASSERT_TRUE(make());
  const ssl::PrivateKey pair(EVP_EC_gen("P-256"));
  const ssl::Stream stream(BIO_new_file(file("tls.key").c_str(), "w"));
  ASSERT_EQ(PEM_write_bio_PKCS8PrivateKey(stream.get(), pair.get(), EVP_aes_256_cbc(), "secret", 6,
                                          nullptr, nullptr),
            1);
  BIO_flush(stream.get());
  const auto info = inspect();
  ASSERT_FALSE(info);
  EXPECT_NE(info.error().detail.find("pass phrase"), std::string::npos);
}

}  // namespace
}  // namespace probity::crypto
