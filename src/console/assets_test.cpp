#include "console/assets.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace probity::console {
namespace {

bool is_in_this_build() { return index() != nullptr; }

TEST(Assets, AnUnknownPathFindsNothing) {
  for (const std::string_view path : {"", "/", "index", "index.html/", "../index.html", "zzz"})
    EXPECT_EQ(find_asset(path), nullptr) << path;
}

TEST(Assets, EveryFileIsFoundUnderItsOwnPath) {
  EXPECT_TRUE(std::ranges::is_sorted(assets(), {}, &Asset::path));
  for (const Asset& asset : assets())
    EXPECT_EQ(find_asset(asset.path), &asset) << asset.path;
}

TEST(Assets, EveryFileIsCompressedTypedAndTagged) {
  if (!is_in_this_build()) GTEST_SKIP() << "this build is without the console";
  std::set<std::string_view> tags;
  for (const Asset& asset : assets()) {
    EXPECT_TRUE(asset.gzip.starts_with("\x1f\x8b\x08")) << asset.path;
    EXPECT_FALSE(asset.content_type.empty()) << asset.path;
    EXPECT_TRUE(asset.etag.starts_with('"') && asset.etag.ends_with('"')) << asset.path;
    tags.insert(asset.etag);
  }
  EXPECT_EQ(tags.size(), assets().size());
}

TEST(Assets, NothingButTheIndexLacksAHashInItsName) {
  if (!is_in_this_build()) GTEST_SKIP() << "this build is without the console";
  for (const Asset& asset : assets()) {
    if (asset.path == "index.html") continue;
    EXPECT_TRUE(asset.path.starts_with("assets/")) << asset.path;
    EXPECT_NE(asset.path.find('-'), std::string_view::npos) << asset.path;
  }
}

}  // namespace
}  // namespace probity::console
