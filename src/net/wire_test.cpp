#include "net/wire.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "web/limits.hpp"

namespace probity::net {
namespace {

/// What a connection would make of a whole input: every message, then silence, or a refusal.
struct Verdict {
  std::vector<Head> heads;
  std::vector<std::string> bodies;
  std::optional<Error> error;
  bool is_complete = false;  ///< Ends exactly after a message.
};

Verdict read_all(std::string_view input) {
  Verdict verdict;
  while (!input.empty()) {
    auto head = HeadReader().read(input);
    if (!head) {
      verdict.error = head.error();
      return verdict;
    }
    if (!*head) return verdict;
    input.remove_prefix((*head)->bytes);
    BodyReader body((*head)->framing, (*head)->request.content_length, 1 << 20);
    std::string content;
    const auto taken = body.read(input, content);
    if (!taken) {
      verdict.error = taken.error();
      return verdict;
    }
    if (!body.is_done()) return verdict;
    input.remove_prefix(*taken);
    const bool keeps_alive = (*head)->keeps_alive;
    verdict.heads.push_back(std::move(**head));
    verdict.bodies.push_back(std::move(content));
    // After `Connection: close` nothing more is read.
    if (!keeps_alive && !input.empty()) return verdict;
  }
  verdict.is_complete = true;
  return verdict;
}

std::string with_headers(std::string_view headers) {
  return "GET / HTTP/1.1\r\nHost: h\r\n" + std::string(headers) + "\r\n";
}

TEST(Head, IsReadIntoPlainValues) {
  const auto verdict = read_all(
      "POST /a/b%20c?x=1 HTTP/1.1\r\nHOST: Example.org:8443\r\nX-One:\t a b \t\r\nContent-Length: 3"
      "\r\n\r\nabc");
  ASSERT_TRUE(verdict.is_complete);
  const web::Request& request = verdict.heads.front().request;
  EXPECT_EQ(request.method, web::Method::Post);
  EXPECT_EQ(request.path, "/a/b c");
  EXPECT_EQ(request.param("x"), "1");
  EXPECT_EQ(request.host, "example.org");
  EXPECT_EQ(request.header("host"), "Example.org:8443");
  EXPECT_EQ(request.header("x-one"), "a b");
  EXPECT_EQ(request.content_length, 3U);
  EXPECT_EQ(verdict.bodies.front(), "abc");
}

TEST(Head, IsTheSameInWhateverPiecesItComes) {
  const std::string input = with_headers("Accept: */*\r\nCookie: a=b\r\n");
  HeadReader reader;
  for (std::size_t size = 0; size < input.size(); ++size) {
    const auto head = reader.read(std::string_view(input).substr(0, size));
    ASSERT_TRUE(head) << size;
    ASSERT_FALSE(*head) << size;
  }
  const auto head = reader.read(input + "next");
  ASSERT_TRUE(head && *head);
  EXPECT_EQ((*head)->bytes, input.size());
}

/// Request lines and line ends.
const std::vector<std::string>& refused_lines() {
  static const std::vector<std::string> refused{
      "GET / HTTP/1.1\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\n\n",
      "GET / HTTP/1.1\rHost: h\r\n\r\n",
      "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
      " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /  HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
      "GET / http/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1x\r\nHost: h\r\n\r\n",
      "GET /\r\nHost: h\r\n\r\n",
      "GE(T / HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET h HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET https://other/ HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET https://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET //h/ HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /\xFF HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET /#x HTTP/1.1\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost:\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: h\r\nhost: g\r\n\r\n",
  };
  return refused;
}

/// Headers and framing.
const std::vector<std::string>& refused_headers() {
  static const std::vector<std::string> refused{
      with_headers("A : b\r\n"),
      with_headers("A\t: b\r\n"),
      with_headers("A b: c\r\n"),
      with_headers(": b\r\n"),
      with_headers("A\r\n"),
      with_headers("A: b\r\n c\r\n"),
      with_headers("A: b\r\n\tc\r\n"),
      with_headers(" A: b\r\n"),
      with_headers("A: b\x01\r\n"),
      with_headers("A: b\x7F\r\n"),
      with_headers(std::string("A: b\0c\r\n", 8)),
      with_headers("A: \xFF\r\n"),
      with_headers("A\xC3\xBC: b\r\n"),
      with_headers("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"),
      with_headers("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"),
      with_headers("Content-Length: 1\r\nContent-Length: 1\r\n"),
      with_headers("Content-Length: 1, 1\r\n"),
      with_headers("Content-Length: +1\r\n"),
      with_headers("Content-Length: -1\r\n"),
      with_headers("Content-Length: 0x1\r\n"),
      with_headers("Content-Length: 1 1\r\n"),
      with_headers("Content-Length:\r\n"),
      with_headers("Content-Length: 18446744073709551616\r\n"),
      with_headers("Content-Length: 9223372036854775808\r\n"),
      with_headers("Transfer-Encoding: gzip\r\n"),
      with_headers("Transfer-Encoding: gzip, chunked\r\n"),
      with_headers("Transfer-Encoding: chunked, chunked\r\n"),
      with_headers("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
      with_headers("Transfer-Encoding: xchunked\r\n"),
      with_headers("Transfer-Encoding: chunked;q=1\r\n"),
      with_headers("Transfer-Encoding:\r\n"),
      with_headers("Transfer-Encoding: \x0B"
                   "chunked\r\n"),
      with_headers("Cookie: a=1\r\nCookie: b=2\r\n"),
      with_headers("Authorization: a\r\nAuthorization: b\r\n"),
      with_headers("Expect: something\r\n"),
  };
  return refused;
}

TEST(Head, RefusesWhatCouldBeReadInTwoWays) {
  std::vector<std::string> refused = refused_lines();
  refused.insert(refused.end(), refused_headers().begin(), refused_headers().end());
  for (const std::string& input : refused) {
    const Verdict verdict = read_all(input);
    ASSERT_TRUE(verdict.error) << input;
    EXPECT_EQ(verdict.error->code, Code::BadRequest) << input;
  }
}

TEST(Head, TakesWhatIsAllowedThoughUnusual) {
  for (const std::string& input :
       {std::string("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET https://H:1/x HTTP/1.1\r\nHost: h:1\r\n\r\n"),
        std::string("GET https://h?x HTTP/1.1\r\nHost: h\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n"), with_headers("A:\r\n"),
        with_headers("A:b\r\n"), with_headers("A: \xC3\xBC\r\n"),
        with_headers("Transfer-Encoding: Chunked\r\n") + "0\r\n\r\n",
        with_headers("Upgrade: h2c\r\nConnection: upgrade\r\n"),
        with_headers("Content-Length: 0\r\n"), with_headers("Content-Length: 0003\r\n") + "abc"}) {
    EXPECT_TRUE(read_all(input).is_complete) << input;
  }
}

TEST(Head, NamesTheReasonByItsCode) {
  const auto code_of = [](std::string_view input) {
    const Verdict verdict = read_all(input);
    return verdict.error ? verdict.error->code : Code::Internal;
  };
  EXPECT_EQ(code_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Code::UnknownVersion);
  EXPECT_EQ(code_of("GET / HTTP/1.0\r\n\r\n"), Code::UnknownVersion);
  EXPECT_EQ(code_of("GET / HTTP/1.2\r\n\r\n"), Code::UnknownVersion);
  EXPECT_EQ(code_of("CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n"), Code::MethodNotAllowed);
  EXPECT_EQ(code_of("TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"), Code::MethodNotAllowed);
  EXPECT_EQ(code_of("get / HTTP/1.1\r\nHost: h\r\n\r\n"), Code::UnknownMethod);
  EXPECT_EQ(code_of("PROPFIND / HTTP/1.1\r\nHost: h\r\n\r\n"), Code::UnknownMethod);
}

TEST(Head, HasABoundedTarget) {
  const auto input = [](std::size_t size) {
    return "GET /" + std::string(size - 1, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n";
  };
  EXPECT_TRUE(read_all(input(k_target_max_bytes - 1)).is_complete);
  EXPECT_TRUE(read_all(input(k_target_max_bytes)).is_complete);
  const Verdict above = read_all(input(k_target_max_bytes + 1));
  ASSERT_TRUE(above.error);
  EXPECT_EQ(above.error->code, Code::TargetTooLong);
  // Also while its end has not come.
  const Verdict open = read_all("GET /" + std::string(9000, 'a'));
  ASSERT_TRUE(open.error);
  EXPECT_EQ(open.error->code, Code::TargetTooLong);
}

TEST(Head, HasABoundedSize) {
  const std::string empty = with_headers("X: \r\n");
  const auto input = [&](std::size_t size) {
    return with_headers("X: " + std::string(size - empty.size(), 'a') + "\r\n");
  };
  EXPECT_TRUE(read_all(input(web::k_head_max_bytes - 1)).is_complete);
  EXPECT_TRUE(read_all(input(web::k_head_max_bytes)).is_complete);
  for (const auto& above : {input(web::k_head_max_bytes + 1),
                            input(web::k_head_max_bytes + 50).substr(0, web::k_head_max_bytes)}) {
    const Verdict verdict = read_all(above);
    ASSERT_TRUE(verdict.error);
    EXPECT_EQ(verdict.error->code, Code::HeadTooLarge);
  }
}

TEST(Head, HasABoundedNumberOfHeaders) {
  const auto input = [](std::size_t count) {
    std::string headers;
    for (std::size_t i = 1; i < count; ++i)  // Host is one.
      headers += "a: b\r\n";
    return with_headers(headers);
  };
  EXPECT_TRUE(read_all(input(web::k_headers_max - 1)).is_complete);
  EXPECT_TRUE(read_all(input(web::k_headers_max)).is_complete);
  const Verdict above = read_all(input(web::k_headers_max + 1));
  ASSERT_TRUE(above.error);
  EXPECT_EQ(above.error->code, Code::HeadTooLarge);
}

TEST(Host, IsANameOrAnAddressWithAPort) {
  for (const char* host : {"h", "a.b-c.d", "10.0.0.1", "10.0.0.1:80", "[::1]", "[2001:db8::1]:443",
                           "h:0", "h:65535", "xn--bcher-kva.example", "a_b"})
    EXPECT_TRUE(is_host(host)) << host;
  for (const char* host :
       {"",        ":",       ":80", "h:",  "h:65536", "h:999999", "h:-1", "h:8a",
        "h/",      "h?",      "h#",  "a b", "u@h",     "[::1",     "[]",   "[x]",
        "[::1]80", "h:80:80", "h,g", "h\\", "%68",     "\xC3\xBC"})
    EXPECT_FALSE(is_host(host)) << host;
  EXPECT_TRUE(is_host(std::string(255, 'a')));
  EXPECT_FALSE(is_host(std::string(256, 'a')));
}

TEST(Chunked, TakesTheExactFormOnly) {
  const auto verdict_of = [](std::string_view body) {
    return read_all(with_headers("Transfer-Encoding: chunked\r\n") + std::string(body));
  };
  const Verdict good = verdict_of("3\r\nabc\r\n0A\r\n0123456789\r\n00\r\n\r\n");
  EXPECT_TRUE(good.is_complete);
  EXPECT_EQ(good.bodies.front(), "abc0123456789");
  for (const std::string_view body :
       {"3;x\r\nabc\r\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n", " 3\r\nabc\r\n0\r\n\r\n",
        "3\nabc\r\n0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nab\r\n0\r\n\r\n", "\r\n", "x\r\n", "0x3\r\nabc\r\n0\r\n\r\n", "-1\r\n", "+3\r\n",
        "0\r\nX: y\r\n\r\n", "0\r\n\n", "000000003\r\n", "FFFFFFFFFFFFFFFF\r\n", "3\rabc",
        "3\r\nabc\r\n\r\n0\r\n\r\n"}) {
    EXPECT_TRUE(verdict_of(body).error) << body;
  }
  EXPECT_FALSE(verdict_of("3\r\nab").error);
  EXPECT_FALSE(verdict_of("3\r\nab").is_complete);
}

TEST(Chunked, StopsAtTheLimitBeforeItReadsTheChunk) {
  std::string content;
  BodyReader at(Framing::Chunked, 0, 10);
  ASSERT_TRUE(at.read("5\r\nabcde\r\n5\r\nfghij\r\n0\r\n\r\n", content));
  EXPECT_TRUE(at.is_done());
  EXPECT_EQ(content, "abcdefghij");
  BodyReader above(Framing::Chunked, 0, 10);
  const auto taken = above.read("b\r\n", content);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, Code::BodyTooLarge);
}

TEST(Chunked, ReadsTheSameByteByByte) {
  const std::string input = "5\r\nabcde\r\nA\r\n0123456789\r\n0\r\n\r\n";
  BodyReader reader(Framing::Chunked, 0, 100);
  std::string content;
  for (const char& c : input) {
    ASSERT_FALSE(reader.is_done());
    ASSERT_EQ(reader.read(std::string_view(&c, 1), content).value_or(0), 1U);
  }
  EXPECT_TRUE(reader.is_done());
  EXPECT_EQ(content, "abcde0123456789");
}

TEST(Response, IsWrittenWithItsFraming) {
  web::Response response = web::json_response(201, "{}");
  response.with("content-length", "999").with("transfer-encoding", "x").with("connection", "y");
  EXPECT_EQ(write_head(response, After::Keep, "D").value_or(""),
            "HTTP/1.1 201 Created\r\ndate: D\r\ncontent-type: application/json\r\n"
            "content-length: 2\r\n\r\n");
  EXPECT_EQ(write_head(web::empty_response(204), After::Close, "D").value_or(""),
            "HTTP/1.1 204 No Content\r\ndate: D\r\nconnection: close\r\n\r\n");
}

TEST(Response, WithABrokenHeaderIsNotSent) {
  EXPECT_FALSE(write_head(web::redirect_response(303, "/\r\nSet-Cookie: x"), After::Keep, ""));
  EXPECT_FALSE(write_head(web::empty_response(200).with("a\n", "b"), After::Keep, ""));
  EXPECT_FALSE(write_head(web::empty_response(200).with("a:b", "c"), After::Keep, ""));
  EXPECT_FALSE(write_head(web::empty_response(101), After::Keep, ""));
  EXPECT_FALSE(write_head(web::empty_response(600), After::Keep, ""));
}

TEST(Response, EmptyPiecesDoNotEndAChunkedBody) {
  std::string out;
  append_chunk(out, "");
  EXPECT_EQ(out, "");
  append_chunk(out, std::string(31, 'x'));
  EXPECT_EQ(out, "1f\r\n" + std::string(31, 'x') + "\r\n");
}

}  // namespace
}  // namespace probity::net
