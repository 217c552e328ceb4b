#include "app/config.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "feature/survey/limits.hpp"

namespace probity::app {
namespace {

class ConfigFile : public testing::Test {
 protected:
  Result<void> read(const std::string& text) {
    file_ = std::filesystem::path(testing::TempDir()) /
            (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + ".toml");
    std::ofstream(file_) << text;
    auto result = read_config(file_, config_);
    std::filesystem::remove(file_);
    return result;
  }
  std::filesystem::path file_;
  Config config_;
};

TEST_F(ConfigFile, SetsEveryKindOfKey) {
  ASSERT_TRUE(
      read("data = \"d\"\nlisten = [\"[::1]:1\"]\nlog.level = \"debug\"\n"
           "[tls]\nhsts_preload = true\n[limits]\nconnections_max = 16\n"));
  EXPECT_EQ(config_.data, "d");
  EXPECT_EQ(config_.listen, std::vector<std::string>{"[::1]:1"});
  EXPECT_EQ(config_.log_level, "debug");
  EXPECT_TRUE(config_.hsts_preload);
  EXPECT_EQ(config_.connections_max, 16);
}

TEST_F(ConfigFile, RefusesAnUnknownKeyByName) {
  const auto result = read("[tls]\ncertifcate = \"x\"\n");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::Config);
  EXPECT_EQ(result.error().fields.at(0).field, "tls.certifcate");
}

TEST_F(ConfigFile, SaysThatAFileIsMissingAndNotThatItIsWrong) {
  const auto result = read_config("/nowhere/probity.toml", config_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Code::Config);
  EXPECT_EQ(result.error().fields.at(0).field, "/nowhere/probity.toml");
  EXPECT_EQ(result.error().fields.at(0).reason, "The file cannot be read.");
}

TEST_F(ConfigFile, RefusesAWrongTypeAndNamesTheRightOne) {
  const auto result = read("listen = \"0.0.0.0:8443\"\n");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().fields.at(0).reason.find("list of texts"), std::string::npos);
}

TEST_F(ConfigFile, HoldsNumbersToTheirBounds) {
  for (const int number : {15, 16, 65536, 65537}) {
    const auto result = read("[limits]\nconnections_max = " + std::to_string(number) + "\n");
    EXPECT_EQ(result.has_value(), number >= 16 && number <= 65536) << number;
  }
}

TEST_F(ConfigFile, HoldsWhatAMemberMayStoreToItsBounds) {
  EXPECT_EQ(config_.member_max_files, survey::k_member_files_max);
  EXPECT_EQ(config_.member_max_bytes, survey::k_member_bytes_max);
  for (const std::string_view key : {"files", "bytes"}) {
    const std::int64_t most = key == "files" ? 10'000'000 : 1'125'899'906'842'624;
    for (const std::int64_t number : {std::int64_t{0}, std::int64_t{1}, most, most + 1}) {
      const auto result = read(fmt::format("[uploads]\nmember_max_{} = {}\n", key, number));
      EXPECT_EQ(result.has_value(), number >= 1 && number <= most) << key << number;
    }
  }
  EXPECT_EQ(config_.member_max_files, 10'000'000);
  EXPECT_EQ(config_.member_max_bytes, 1'125'899'906'842'624);
}

TEST_F(ConfigFile, NamesTheLineThatIsNoToml) {
  const auto result = read("data = \"d\"\nlisten = [\n");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().fields.at(0).reason.find("line"), std::string::npos);
}

TEST_F(ConfigFile, RefusesWhatTheLibraryOnlyAsserts) {
  for (const char* text : {"[.a]\n", "[=", "[\n", "[[=", "[ #]", "[\x01]", "[\xC3\xA9]"}) {
    const auto result = read(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, Code::Config) << text;
  }
}

TEST_F(ConfigFile, TakesAnyScriptInCommentsAndQuotedTexts) {
  ASSERT_TRUE(
      read("\xEF\xBB\xBF# f\xC3\xBCr den Betrieb\r\ndata = \"B\xC3\xBC\\\"cher\" # \xE3\x81\x82\n"
           "key_file = 'Schl\xC3\xBCssel\\\"\xF0\x9F\x94\x91'\n"
           "listen = [ # \xE2\x80\x94\n  \"[::1]:1\",\n]\npublic_url = \"\"\n"));
  EXPECT_EQ(config_.data, "B\xC3\xBC\"cher");
  EXPECT_EQ(config_.key_file, "Schl\xC3\xBCssel\\\"\xF0\x9F\x94\x91");
  EXPECT_EQ(config_.listen, std::vector<std::string>{"[::1]:1"});
}

TEST_F(ConfigFile, TakesAnyScriptInTextsOfSeveralLines) {
  ASSERT_TRUE(read("database = \"\"\"\\\n  \xC2\xA7\"\"\"\"\" # \xC3\xA9\n"));
  EXPECT_EQ(config_.database, "\xC2\xA7\"\"");
  ASSERT_TRUE(read("database = '''\n\\\xC2\xA7\n\"'''''\npublic_url = '\xC3\xA9'"));
  EXPECT_EQ(config_.database, "\\\xC2\xA7\n\"''");
  EXPECT_EQ(config_.public_url, "\xC3\xA9");
}

TEST_F(ConfigFile, KeepsFromTheLibraryWhatItHasNoAnswerTo) {
  struct {
    std::string text;
    int line;
  } const refused[] = {
      // What fuzzing found: the library asks whether the letter is white space.
      {"\xC3\x9E  [[ia =", 1},
      {"data = \"d\"\n\xC2\xA7", 2},
      {"data = \"d\"\xC3\xA9\n", 1},
      {"data = 'd' 'e' \xE3\x81\x82", 1},
      {"data = \"\"\xC3\xA9\n", 1},
      {"data = +\"\\u0001\xEF\xBB\xBF\"\n", 1},
      {"data = \"\"\"a\"\"\"\"\" \xC2\xA7\"\n", 1},
      {"data = \"\"\"\\\xC2\xA7\"\"\"\n", 1},
      {"\n\ndata = \"\xC2\xA7\n\"", 3},
      {"data = '''\xC2\xA7''", 1},
      {"data = \"d\"\nlisten = [\"\xC3\"]\n", 2},
      {"data = \"d\"\r\n# \x7F\n", 2},
      {"data = \"d\"\rlisten = []\n", 1},
      {std::string("data = \"\0\"\n", 11), 1},
  };
  for (const auto& [text, line] : refused) {
    const auto result = read(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().code, Code::Config) << text;
    EXPECT_TRUE(result.error().fields.at(0).reason.starts_with("Not valid TOML at line " +
                                                               std::to_string(line) + ": "))
        << text << ": " << result.error().fields.at(0).reason;
  }
}

TEST_F(ConfigFile, RefusesWhatIsNoFileOfASaneSize) {
  EXPECT_EQ(read_config("/dev/zero", config_).error().fields.at(0).reason,
            "Larger than 64 KiB, so it is no configuration file.");
  EXPECT_EQ(read_config(testing::TempDir(), config_).error().fields.at(0).reason,
            "The file cannot be read.");
  EXPECT_TRUE(read_config("/dev/null", config_));
}

TEST(CompleteConfig, PutsTheKeyFileBesideTheData) {
  Config config;
  config.data = "somewhere/data/";
  ASSERT_TRUE(complete_config(config));
  EXPECT_EQ(config.key_file, "somewhere/data.key");
}

TEST(CompleteConfig, KeepsTestModeOnLoopback) {
  for (const auto& [listen, is_fine] : {std::pair{"127.0.0.1:0", true},
                                        {"[::1]:0", true},
                                        {"0.0.0.0:8443", false},
                                        {"192.0.2.1:1", false}}) {
    Config config;
    config.is_test_mode = true;
    config.listen = {listen};
    EXPECT_EQ(complete_config(config).has_value(), is_fine) << listen;
  }
}

TEST(CompleteConfig, RefusesFaultsOutsideTestMode) {
  Config config;
  config.test_faults = {"fail_sync=3"};
  EXPECT_FALSE(complete_config(config));
}

TEST(CompleteConfig, WantsACertificateWithItsKey) {
  Config config;
  config.certificate = "c.pem";
  EXPECT_FALSE(complete_config(config));
}

// OWASP ASVS 3.5.4: an application of its own has a host name of its own.
TEST(CompleteConfig, TakesAHostForPublicUrlAndNothingBelowOne) {
  const std::vector<std::pair<std::string, std::string>> taken = {
      {"https://example.org", "example.org"},      {"https://Ask.Example.org/", "ask.example.org"},
      {"https://a-b.example:8443", "a-b.example"}, {"https://192.0.2.7:1", "192.0.2.7"},
      {"https://[2001:DB8::1]", "[2001:db8::1]"},  {"https://[::1]:8443/", "[::1]"}};
  for (const auto& [url, host] : taken) {
    Config config;
    config.public_url = url;
    EXPECT_TRUE(complete_config(config)) << url;
    EXPECT_EQ(public_host(url), host);
  }
  for (const std::string url : {"http://example.org",
                                "example.org",
                                "https://",
                                "https:///",
                                "https://:8443",
                                "https://example.org/ask",
                                "https://example.org//",
                                "https://example.org?x",
                                "https://example.org#x",
                                "https://a@example.org",
                                "https://example.org:",
                                "https://a:0",
                                "https://a:65536",
                                "https://a:1/b",
                                "https://[::1",
                                "https://[]",
                                "https://[::1]x",
                                "https://b\xC3\xA4r.example",
                                "https://a b",
                                "https://a\\b"}) {
    Config config;
    config.public_url = url;
    const auto completed = complete_config(config);
    ASSERT_FALSE(completed) << url;
    ASSERT_EQ(completed.error().fields.size(), 1U) << url;
    EXPECT_EQ(completed.error().fields[0].field, "public_url");
  }
}

TEST(ConfigReference, IsWhatTheDocumentationHolds) {
  std::ifstream in(PROBITY_SOURCE_DIR "/docs/configuration.md");
  const std::string stored{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(stored, config_reference())
      << "run: build/probity doctor --configuration > docs/configuration.md";
}

}  // namespace
}  // namespace probity::app
