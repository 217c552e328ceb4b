#include "app/pipeline_dialer.hpp"

#include <cctype>
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "base/text.hpp"

namespace probity::app {
namespace {

void read_header(web::Request& request, std::string_view field) {
  const std::size_t colon = field.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(field.substr(0, colon));
  for (char& c : name)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  request.headers.push_back({std::move(name), std::string(trim(field.substr(colon + 1)))});
  if (request.headers.back().name == "host") request.host = request.headers.back().value;
}

Result<web::Request> request_of(std::string_view text) {
  web::Request request;
  const std::size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return fail(Code::BadRequest, "no end of the head");
  std::string_view head = text.substr(0, end);
  request.body = text.substr(end + 4);
  request.content_length = request.body.size();
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const auto words = split(line, ' ');
  const auto method = web::parse_method(words.front());
  if (words.size() != 3 || !method) return fail(Code::BadRequest, "no request line");
  request.method = *method;
  PROBITY_CHECK(web::set_target(request, words[1]));
  head.remove_prefix(line.size());
  while (head.starts_with("\r\n")) {
    head.remove_prefix(2);
    const std::string_view field = head.substr(0, head.find("\r\n"));
    read_header(request, field);
    head.remove_prefix(field.size());
  }
  return request;
}

}  // namespace

PipelineDialer::PipelineDialer(web::Pipeline& pipeline) : pipeline_(pipeline) {
  peer_.bytes = {192, 0, 2, 7};
}

Result<Bytes> PipelineDialer::exchange(BytesView, Span, std::size_t) {
  return fail(Code::NotBuilt, "no socket");
}

Result<web::Talk> PipelineDialer::talk(const web::TalkAsk& ask) {
  PROBITY_TRY(request, request_of(ask.send));
  request.peer = peer_;
  web::Talk talk;
  talk.is_established = true;
  talk.received = text_of(answer(std::move(request)), Deadline::after(ask.within));
  return talk;
}

void PipelineDialer::come_from(const web::Address& peer) { peer_ = peer; }

web::Response PipelineDialer::answer(web::Request request) {
  std::string body = std::move(request.body);
  request.body.clear();
  std::promise<web::Admission> admitted;
  pipeline_.admit(std::move(request), [&](web::Admission a) { admitted.set_value(std::move(a)); });
  web::Admission admission = admitted.get_future().get();
  web::Response response;
  if (admission.refusal) {
    response = std::move(*admission.refusal);
  } else {
    std::promise<web::Response> done;
    pipeline_.serve(admission.exchange, std::move(body),
                    [&](web::Response r) { done.set_value(std::move(r)); });
    response = done.get_future().get();
  }
  pipeline_.finished(admission.exchange, response.status, response.body.size());
  return response;
}

std::string PipelineDialer::text_of(web::Response response, const Deadline& deadline) {
  std::string text = "HTTP/1.1 " + std::to_string(response.status) + " Words\r\n";
  for (const web::NamedText& header : response.headers)
    text += header.name + ": " + header.value + "\r\n";
  text += "\r\n" + response.body;
  if (!response.source) return text;
  const std::shared_ptr<web::BodySource> source = std::move(response.source);
  while (!deadline.has_passed()) {
    std::promise<Result<web::BodySource::Piece>> pulled;
    pipeline_.pull(source,
                   [&](Result<web::BodySource::Piece> p) { pulled.set_value(std::move(p)); });
    auto piece = pulled.get_future().get();
    if (!piece) break;
    text += piece->bytes;
    if (piece->is_last) break;
    std::this_thread::sleep_for(std::chrono::microseconds(piece->wait.us()));
  }
  return text;
}

}  // namespace probity::app
