#include "web/attachment.hpp"

#include <gtest/gtest.h>

namespace probity::web {
namespace {

std::string header_of(std::string_view title) {
  return attachment({title, "sur_1", "-report.pdf"});
}

TEST(Attachment, IsNamedByItsTitle) {
  EXPECT_EQ(header_of("How was it?"), R"(attachment; filename="how-was-it-report.pdf")");
}

TEST(Attachment, OfAnotherScriptIsNamedTwice) {
  EXPECT_EQ(header_of("Été"),
            R"(attachment; filename="ete-report.pdf"; filename*=UTF-8''%C3%89t%C3%A9-report.pdf)");
  EXPECT_EQ(header_of("调查"),
            "attachment; filename=\"sur_1-report.pdf\"; "
            "filename*=UTF-8''%E8%B0%83%E6%9F%A5-report.pdf");
}

TEST(Attachment, WithoutATitleIsNamedByItsNumber) {
  EXPECT_EQ(header_of(""), R"(attachment; filename="sur_1-report.pdf")");
  EXPECT_EQ(header_of("\"/..\r\n"), R"(attachment; filename="sur_1-report.pdf")");
}

TEST(Attachment, IsNoLongerThanFileSystemsTake) {
  EXPECT_EQ(header_of(std::string(1000, 'a')),
            "attachment; filename=\"" + std::string(80, 'a') + "-report.pdf\"");
}

}  // namespace
}  // namespace probity::web
