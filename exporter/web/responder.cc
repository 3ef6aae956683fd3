#include "exporter/web/responder.h"

#include <cassert>
#include <exception>
#include <utility>

#include <httplib.h>

namespace tailmeter {
namespace {

// What the library reads and writes in place of a connection.
class MemoryStream final : public httplib::Stream {
 public:
  explicit MemoryStream(std::string request) : request_(std::move(request)) {}

  bool is_readable() const override { return read_bytes_ < request_.size(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* bytes, std::size_t size) override {
    const std::size_t given = request_.copy(bytes, size, read_bytes_);
    read_bytes_ += given;
    return static_cast<ssize_t>(given);
  }
  ssize_t write(const char* bytes, std::size_t size) override {
    response_.append(bytes, size);
    return static_cast<ssize_t>(size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override { get_remote_ip_and_port(ip, port); }
  socket_t socket() const override { return INVALID_SOCKET; }

  [[nodiscard]] std::string& response() { return response_; }

 private:
  const std::string request_;
  std::size_t read_bytes_ = 0;
  std::string response_;
};

}  // namespace

class Responder::Library final : public httplib::Server {
 public:
  explicit Library(WebHandler handler) : handler_(std::move(handler)) {
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      hand_over(request, response);
      return HandlerResponse::Handled;
    });
    set_exception_handler([this](const httplib::Request&, httplib::Response& response, std::exception_ptr) {
      body_ = nullptr;
      response.status = 500;
      response.set_content("500 this is a fault of tailmeter; please report it\n", "text/plain; charset=utf-8");
    });
    set_post_routing_handler([this](const httplib::Request&, httplib::Response& response) {
      status_ = response.status;
      response.headers.erase("Keep-Alive");  // it promises the library's own limits
    });
  }

  Answer respond(WebRequest request, bool is_last) {
    asked_ = std::move(request);
    status_ = 0;
    body_ = nullptr;
    MemoryStream stream(asked_.method + ' ' + asked_.path + " HTTP/1.1\r\n\r\n");
    bool is_closed = false;
    (void)process_request(stream, is_last, is_closed, nullptr);  // false where the body is not written, as we want it
    assert(status_ != 0);
    return {status_, std::move(stream.response()), asked_.method == "HEAD" ? nullptr : std::move(body_)};
  }

 private:
  void hand_over(const httplib::Request& request, httplib::Response& response) {
    asked_.path = request.path;
    WebResponse answer = handler_(asked_);
    response.status = answer.status;
    for (const auto& [name, value] : answer.headers) response.set_header(name.c_str(), value);
    response.set_header("Accept-Ranges", "none");
    if (answer.body == nullptr || answer.body->empty()) {
      response.set_header("Content-Type", answer.content_type);
      return;
    }
    body_ = std::move(answer.body);
    response.set_content_provider(body_->size(), answer.content_type,
                                  [](std::size_t, std::size_t, httplib::DataSink&) { return false; });
  }

  const WebHandler handler_;
  // Of the request that is being answered.
  WebRequest asked_;
  int status_ = 0;
  std::shared_ptr<const std::string> body_;
};

Responder::Responder(WebHandler handler) : library_(std::make_unique<Library>(std::move(handler))) {}
Responder::~Responder() = default;

Answer Responder::respond(WebRequest request, bool is_last) {
  return library_->respond(std::move(request), is_last);
}

}  // namespace tailmeter
