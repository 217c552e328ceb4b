#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/lane.hpp"
#include "web/service.hpp"

namespace probity::net {

/// A service for tests: answers with a function, at once or from another thread, and notes what it
/// saw. Threads: any.
class TestService final : public web::Service {
 public:
  using Answer = std::function<web::Response(const web::Request&, const std::string& body)>;
  enum class Mode : std::uint8_t { AtOnce, OtherThread };

  struct Note {
    int status = 0;
    std::uint64_t bytes = 0;
  };

  explicit TestService(Answer answer, Mode mode = Mode::AtOnce)
      : answer_(std::move(answer)), mode_(mode), lane_("test", 4, 1024) {}
  ~TestService() override { lane_.stop(); }

  void admit(web::Request request, std::move_only_function<void(web::Admission)> ready) override {
    web::Admission admission;
    if (refuse_path == request.path && !request.path.empty())
      admission.refusal = web::json_response(403, "{}");
    admission.body_max_bytes = body_max_bytes;
    auto exchange = std::make_shared<Held>();
    exchange->request = std::move(request);
    admission.exchange = std::move(exchange);
    ++admitted;
    run([ready = std::move(ready), admission = std::move(admission)]() mutable {
      ready(std::move(admission));
    });
  }

  void serve(std::shared_ptr<web::Exchange> exchange, std::string body,
             std::move_only_function<void(web::Response)> done) override {
    auto held = std::static_pointer_cast<Held>(std::move(exchange));
    run([this, held, body = std::move(body), done = std::move(done)]() mutable {
      done(answer_(held->request, body));
    });
  }

  void pull(std::shared_ptr<web::BodySource> source,
            std::move_only_function<void(Result<web::BodySource::Piece>)> done) override {
    run([source = std::move(source), done = std::move(done)]() mutable { done(source->next()); });
  }

  web::Response refuse_malformed(const Error& error) override {
    return web::problem_response(error, RequestId());
  }

  void finished(const std::shared_ptr<web::Exchange>&, int status, std::uint64_t bytes) override {
    const std::lock_guard lock(mutex_);
    notes_.push_back({status, bytes});
  }

  [[nodiscard]] std::vector<Note> notes() const {
    const std::lock_guard lock(mutex_);
    return notes_;
  }

  std::uint64_t body_max_bytes = 1024;
  std::string refuse_path;
  std::atomic<int> admitted = 0;

 private:
  struct Held final : web::Exchange {
    web::Request request;
  };

  void run(Lane::Task task) {
    if (mode_ == Mode::AtOnce) return task();
    static_cast<void>(lane_.offer(task));
  }

  Answer answer_;
  Mode mode_;
  mutable std::mutex mutex_;
  std::vector<Note> notes_;
  Lane lane_;
};

}  // namespace probity::net
