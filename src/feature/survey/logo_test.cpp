#include "feature/survey/logo.hpp"

#include <gtest/gtest.h>

#include "feature/survey/limits.hpp"
#include "feature/survey/survey_fixture.hpp"
#include "web/security_headers.hpp"

namespace probity::survey {
namespace {

using std::string_literals::operator""s;

void append_big(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(value >> shift);
}

/// Checksums are the browser's business; these are zero.
std::string chunk(const std::string& name, const std::string& content) {
  std::string out;
  append_big(out, static_cast<std::uint32_t>(content.size()));
  return out + name + content + std::string(4, '\0');
}

std::string png_header(std::uint32_t width, std::uint32_t height) {
  std::string sides;
  append_big(sides, width);
  append_big(sides, height);
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", sides + "\x08\x02\0\0\0"s);
}

std::string png(std::uint32_t width, std::uint32_t height, const std::string& between = {},
                std::size_t pixels = 4) {
  return png_header(width, height) + between + chunk("IDAT", std::string(pixels, 'p')) +
         chunk("IEND", "");
}

std::string segment(std::uint8_t marker, const std::string& content) {
  std::string out = "\xff";
  out += static_cast<char>(marker);
  out += static_cast<char>((content.size() + 2) >> 8);
  out += static_cast<char>(content.size() + 2);
  return out + content;
}

std::string jpeg(const std::string& before = {}) {
  return "\xff\xd8"s + before + segment(0xDB, "table") +
         segment(0xC0, "\x08\0\x03\0\x05\x01\x01\x11\0"s) + segment(0xC4, "codes") +
         segment(0xDA, "scan") + "pix\xff\0els\xff\xd0more"s + "\xff\xd9";
}

std::string riff(const std::string& chunks) {
  std::string out = "RIFF";
  const auto size = static_cast<std::uint32_t>(chunks.size() + 4);
  for (int shift = 0; shift < 32; shift += 8)
    out += static_cast<char>(size >> shift);
  return out + "WEBP" + chunks;
}

std::string webp_chunk(const std::string& name, const std::string& content) {
  std::string out = name;
  for (int shift = 0; shift < 32; shift += 8)
    out += static_cast<char>(content.size() >> shift);
  return out + content + (content.size() % 2 == 1 ? "\0"s : ""s);
}

const std::string k_vp8 = "\x10\0\0\x9d\x01\x2a\x07\0\x09\0pixels"s;

Result<Logo> read(const std::string& file) { return read_logo(as_bytes(file)); }

std::string bytes_of(const Result<Logo>& logo) {
  return logo ? std::string(as_text(logo->bytes)) : "refused: " + logo.error().hint;
}

TEST(Logo, KeepsThePictureAndNothingElse) {
  EXPECT_EQ(bytes_of(read(png(7, 9))), png(7, 9));
  const std::string told = chunk("tEXt", "Author\0Somebody"s) + chunk("eXIf", "where");
  EXPECT_EQ(bytes_of(read(png(7, 9, told) + "<script>")), png(7, 9));
  EXPECT_EQ(bytes_of(read(png(7, 9, chunk("acTL", "moves")))), png(7, 9));
  EXPECT_EQ(bytes_of(read(png(7, 9, chunk("PLTE", "abc")))), png(7, 9, chunk("PLTE", "abc")));
  EXPECT_EQ(bytes_of(read(jpeg())), jpeg());
  const std::string camera = segment(0xE0, "JFIF thumbnail") + segment(0xE1, "Exif\0\0where"s) +
                             segment(0xFE, "a comment");
  EXPECT_EQ(bytes_of(read(jpeg(camera) + "PK<html>")), jpeg());
  const std::string adobe = segment(0xEE, "Adobe1234567");
  EXPECT_EQ(bytes_of(read(jpeg(adobe))), jpeg(adobe));
  EXPECT_EQ(bytes_of(read(jpeg(segment(0xEE, "Adobe and more")))), jpeg());
  const std::string plain = riff(webp_chunk("VP8 ", k_vp8));
  EXPECT_EQ(bytes_of(read(plain)), plain);
  EXPECT_EQ(bytes_of(read(riff(webp_chunk("VP8X", std::string(10, '\x0c')) +
                               webp_chunk("ICCP", "profile") + webp_chunk("VP8 ", k_vp8) +
                               webp_chunk("EXIF", "where") + webp_chunk("XMP ", "who")) +
                          "<svg>")),
            plain);
}

TEST(Logo, KnowsTypeAndSides) {
  const auto facts = [](const std::string& file) {
    const auto logo = read(file);
    if (!logo) return "refused: "s + logo.error().hint;
    return std::string(media_type(logo->facts.type)) + " " + std::to_string(logo->facts.width) +
           "x" + std::to_string(logo->facts.height);
  };
  EXPECT_EQ(facts(png(7, 9)), "image/png 7x9");
  EXPECT_EQ(facts(jpeg()), "image/jpeg 5x3");
  EXPECT_EQ(facts(riff(webp_chunk("VP8 ", k_vp8))), "image/webp 7x9");
  // 14 bits of width less one, then 14 of height less one.
  EXPECT_EQ(facts(riff(webp_chunk("VP8L", "\x2f\x06\0\x02\0data"s))), "image/webp 7x9");
  EXPECT_EQ(facts(riff(webp_chunk("ALPH", "alpha") + webp_chunk("VP8 ", k_vp8))), "image/webp 7x9");
  EXPECT_NE(read(png(7, 9))->facts.file_name(), read(png(7, 10))->facts.file_name());
  EXPECT_TRUE(read(jpeg())->facts.file_name().ends_with(".jpg"));
}

TEST(Logo, RefusesWhatIsBrokenMovingOrSomethingElse) {
  const auto code = [](const std::string& file) {
    const auto logo = read(file);
    return logo ? "taken"s : std::string(code_info(logo.error().code).text);
  };
  for (const char* other :
       {"", "<svg xmlns='http://www.w3.org/2000/svg'/>", "GIF89a", "BM", "<html>"})
    EXPECT_EQ(code(other), "unsupported_media_type") << other;
  for (const std::string& broken :
       {png(0, 9), png(7, 0), png_header(7, 9) + chunk("IEND", ""), png_header(7, 9),
        png(7, 9, chunk("CgBI", "critical")), png(7, 9, png_header(7, 9).substr(8)),
        "\xff\xd8\xff\xd9"s, "\xff\xd8"s + segment(0xDA, "scan") + "\xff\xd9",
        jpeg(segment(0xC3, "\x08\0\x03\0\x05\x01"s)), jpeg(segment(0xC0, "\x08\0\0\0\0\x01"s)),
        riff(""), riff(webp_chunk("VP8 ", "short")), riff(webp_chunk("VP8 ", std::string(12, 'x'))),
        riff(webp_chunk("VP8 ", k_vp8) + webp_chunk("VP8L", "\x2f\x06\0\x02\0"s)),
        riff(webp_chunk("ANIM", "moves") + webp_chunk("VP8 ", k_vp8))})
    EXPECT_EQ(code(broken), "bad_request") << to_hex(as_bytes(broken));
  // Cut anywhere, none of them is taken.
  for (const std::string& whole : {png(7, 9), jpeg(), riff(webp_chunk("VP8 ", k_vp8))})
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_FALSE(read(whole.substr(0, size))) << size;
}

TEST(Logo, HasABoundInBytesAndInPixels) {
  const std::size_t bare = png(7, 9, {}, 0).size();
  EXPECT_TRUE(read(png(7, 9, {}, k_logo_max_bytes - bare - 1)));
  EXPECT_TRUE(read(png(7, 9, {}, k_logo_max_bytes - bare)));
  const auto larger = read(png(7, 9, {}, k_logo_max_bytes - bare + 1));
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().code, Code::BodyTooLarge);
  EXPECT_TRUE(read(png(k_logo_side_max_px - 1, 1)));
  EXPECT_TRUE(read(png(k_logo_side_max_px, k_logo_side_max_px)));
  const auto wider = read(png(k_logo_side_max_px + 1, 1));
  ASSERT_FALSE(wider);
  EXPECT_NE(wider.error().hint.find("2001 x 1"), std::string::npos) << wider.error().hint;
  EXPECT_FALSE(read(png(1, k_logo_side_max_px + 1)));
}

class LogoRoutes : public SurveyRoom {
 protected:
  Reply put(const std::string& id, const std::string& file) {
    return send({.method = "PUT",
                 .target = "/api/v1/surveys/" + id + "/logo",
                 .body = file,
                 .headers = {{"content-type", "image/png"}}});
  }
};

TEST_P(LogoRoutes, ServeThePictureInertAndOnEveryPage) {
  const Made made = make(std::string(k_simple_questionnaire));
  const std::string own = "/api/v1/surveys/" + made.id + "/logo";
  EXPECT_EQ(get(own).status, 404);
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/logo"), "null");
  EXPECT_EQ(get("/s/" + made.token).body.find("<img"), std::string::npos);
  const Reply set = put(made.id, png(70, 90, chunk("tEXt", "secret")));
  ASSERT_EQ(set.status, 200) << set.body;
  EXPECT_EQ(set.text("/type"), "image/png");
  EXPECT_EQ(get("/api/v1/surveys/" + made.id).at("/logo/height"), "90");
  EXPECT_EQ(get(own).body, png(70, 90));
  const std::string page = get("/s/" + made.token).body;
  const std::size_t at = page.find("<img src=\"/s/");
  ASSERT_NE(at, std::string::npos) << page;
  EXPECT_NE(page.find("alt=\"\" width=\"70\" height=\"90\""), std::string::npos);
  const std::string address = page.substr(at + 10, page.find('"', at + 10) - at - 10);
  const Reply picture = get(address);
  EXPECT_EQ(picture.body, png(70, 90));
  EXPECT_EQ(picture.headers.at("content-type"), "image/png");
  EXPECT_EQ(picture.headers.at("content-security-policy"), web::k_inert_policy);
  EXPECT_EQ(get("/s/" + made.token + "/logo/other.png").status, 404);
  for (const char* view : {"/preview", "/preview?version=1"})
    EXPECT_NE(get("/api/v1/surveys/" + made.id + view).body.find(own), std::string::npos);
  post("/api/v1/surveys/" + made.id + "/close");
  EXPECT_NE(get("/s/" + made.token).body.find(address), std::string::npos);
  EXPECT_EQ(put(made.id, "<svg/>").status, 415);
  EXPECT_EQ(send({.method = "DELETE", .target = own}).status, 204);
  EXPECT_EQ(send({.method = "DELETE", .target = own}).status, 204);
  EXPECT_EQ(get(address).status, 404);
}

TEST_P(LogoRoutes, AreRefusedToWhoeverSawAnOlderStateAndCopiedWithTheSurvey) {
  const Made made = make(std::string(k_simple_questionnaire));
  const std::string etag = get("/api/v1/surveys/" + made.id).headers.at("etag");
  const Reply set = put(made.id, png(1, 1));
  EXPECT_NE(set.headers.at("etag"), etag);
  for (const char* method : {"PUT", "DELETE"})
    EXPECT_EQ(send({.method = method,
                    .target = "/api/v1/surveys/" + made.id + "/logo",
                    .body = png(2, 2),
                    .headers = {{"if-match", etag}}})
                  .status,
              412);
  const Reply copy = post("/api/v1/surveys/" + made.id + "/duplicate");
  EXPECT_EQ(copy.at("/logo/width"), "1");
  EXPECT_EQ(get("/api/v1/surveys/" + copy.text("/id") + "/logo").body, png(1, 1));
  EXPECT_EQ(put("srv_00000000000000000000000000", png(1, 1)).status, 404);
}

INSTANTIATE_TEST_SUITE_P(Engines, LogoRoutes, ::testing::Values("sqlcipher", "postgres"));

}  // namespace
}  // namespace probity::survey
