#include "proxy/client.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>

namespace inventory::proxy {
namespace {

/// More than this after the request in flight stays in the kernel.
constexpr std::size_t input_limit = 64 * 1024;
/// A client whose last answer is out may still be sending; how long we listen,
/// so that a reset does not take the answer away before it is read.
constexpr Milliseconds linger_time{2000};

std::array<char, 64 * 1024> &receive_buffer() {
    thread_local std::array<char, 64 * 1024> buffer;
    return buffer;
}

std::string_view bytes_of(const Body &body) {
    return body.bytes.empty() ? std::string_view(body.text) : body.bytes;
}

} // namespace

Client::Client(Loop &loop, Owner &owner, Service &service, const Limits &limits, int fd,
               std::string address)
    : loop_(loop), owner_(owner), service_(service), limits_(limits), fd_(fd),
      address_(std::move(address)), parser_(limits), moved_(loop.now()), phase_(loop.now()) {}

void Client::on_ready(Ready ready) {
    if (ready.hangup || (!ready.readable && !ready.writable)) {
        // Both directions are shut, or the socket is broken: nobody reads an answer.
        close();
        return;
    }
    if (ready.writable && state_ == State::writing) {
        flush();
    }
    if (ready.readable && state_ == State::lingering) {
        discard_input();
    } else if (ready.readable && state_ != State::closed) {
        read();
    }
    update_interest();
}

void Client::read() {
    auto &buffer = receive_buffer();
    while (state_ != State::closed && state_ != State::lingering && !peer_finished_) {
        paused_ = input_.size() >= input_limit && state_ != State::reading;
        if (paused_) {
            return;
        }
        const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
        if (count > 0) {
            moved_ = loop_.now();
            service_.count_received(static_cast<std::size_t>(count));
            receive({buffer.data(), static_cast<std::size_t>(count)});
            if (static_cast<std::size_t>(count) < buffer.size()) {
                return; // all there was; if not, the loop says so
            }
        } else if (count == 0) {
            peer_finished_ = true;
            if (state_ == State::reading || service_.is_gone_on_fin()) {
                close();
            }
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR) {
            close();
        }
    }
}

/// Tells the loop what is waited for, if that has changed.
void Client::update_interest() {
    if (state_ == State::closed) {
        return;
    }
    const bool read = state_ == State::lingering || (!paused_ && !peer_finished_);
    const bool write = state_ == State::writing;
    if (read != watches_read_ || write != watches_write_) {
        watches_read_ = read;
        watches_write_ = write;
        loop_.watch_client(fd_, read, write);
    }
}

void Client::receive(std::string_view bytes) {
    if (!input_.empty() || state_ != State::reading) {
        input_.append(bytes);
        parse_waiting();
        return;
    }
    phase_ = parser_.is_in_body() ? phase_ : loop_.now();
    const auto consumed = parse(bytes);
    if (state_ != State::closed && state_ != State::lingering) {
        input_.append(bytes.substr(consumed));
    }
}

void Client::parse_waiting() {
    if (state_ == State::reading && !input_.empty()) {
        input_.erase(0, parse(input_));
        if (input_.empty()) {
            input_.shrink_to_fit(); // an idle connection holds no buffer
        }
    }
}

/// Takes requests from `bytes` while they are answered at once; returns how much
/// was consumed. `bytes` may be `input_`, which nothing changes meanwhile.
std::size_t Client::parse(std::string_view bytes) {
    parsing_ = true;
    std::size_t consumed = 0;
    try {
        while (state_ == State::reading && !closing_ && consumed < bytes.size()) {
            const bool was_in_body = parser_.is_in_body();
            consumed += parser_.feed(bytes.substr(consumed));
            if (parser_.is_complete()) {
                state_ = State::answering;
                continued_ = false;
                closing_ = closing_ || !parser_.request().keep_alive;
                service_.handle(*this);
                continue;
            }
            if (parser_.is_in_body() && !was_in_body) {
                phase_ = loop_.now();
            }
            if (parser_.expects_continue() && !continued_) {
                continued_ = true;
                send_interim("HTTP/1.1 100 Continue\r\n\r\n");
            }
            break;
        }
    } catch (const Error &error) {
        refuse(error);
    }
    parsing_ = false;
    return state_ == State::closed ? bytes.size() : consumed;
}

void Client::refuse(const Error &error) {
    state_ = State::answering;
    closing_ = refused_ = true;
    service_.refuse(*this, error);
}

void Client::send_interim(std::string_view bytes) {
    // If it does not fit, the client sends its body without having been asked.
    (void)!send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void Client::answer(std::string_view head, Body body) {
    if (state_ == State::closed) {
        return;
    }
    const auto bytes = bytes_of(body);
    iovec parts[2] = {{const_cast<char *>(head.data()), head.size()},
                      {const_cast<char *>(bytes.data()), bytes.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = bytes.empty() ? 1 : 2;
    const auto count = sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count < 0 && errno != EAGAIN && errno != EINTR) {
        close();
        return;
    }
    const auto sent = count < 0 ? 0 : static_cast<std::size_t>(count);
    service_.count_sent(sent);
    moved_ = loop_.now();
    if (sent == head.size() + bytes.size()) {
        finish_answer();
        return;
    }
    state_ = State::writing;
    head_ = head.substr(std::min(sent, head.size()));
    body_sent_ = sent - std::min(sent, head.size());
    body_ = std::move(body);
    update_interest();
}

void Client::flush() {
    while (state_ == State::writing) {
        const auto rest = bytes_of(body_).substr(body_sent_);
        iovec parts[2] = {{head_.data(), head_.size()},
                          {const_cast<char *>(rest.data()), rest.size()}};
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = 2;
        const auto count = sendmsg(fd_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            if (errno != EAGAIN) {
                close();
            }
            return;
        }
        const auto sent = static_cast<std::size_t>(count);
        service_.count_sent(sent);
        moved_ = loop_.now();
        const auto of_head = std::min(sent, head_.size());
        head_.erase(0, of_head);
        body_sent_ += sent - of_head;
        if (head_.empty() && body_sent_ == bytes_of(body_).size()) {
            body_ = {};
            finish_answer();
        }
    }
}

void Client::finish_answer() {
    phase_ = loop_.now();
    if (closing_ || (peer_finished_ && input_.empty())) {
        if (refused_ || !input_.empty()) {
            state_ = State::lingering;
            shutdown(fd_, SHUT_WR);
            discard_input();
        } else {
            close();
        }
        return;
    }
    state_ = State::reading;
    if (parsing_) {
        return; // `parse` goes on with the next request
    }
    parse_waiting();
    if (state_ == State::reading && peer_finished_) {
        close();
    }
    paused_ = paused_ && input_.size() >= input_limit;
    update_interest();
}

void Client::discard_input() {
    auto &buffer = receive_buffer();
    for (int turn = 0; turn < 16; ++turn) { // a tick takes the rest of a fast sender
        const auto count = recv(fd_, buffer.data(), buffer.size(), 0);
        if (count > 0 || (count < 0 && errno == EINTR)) {
            continue;
        }
        if (count == 0 || errno != EAGAIN) {
            close();
        }
        return;
    }
}

std::size_t Client::held_bytes() const noexcept {
    if (state_ == State::closed) {
        return 0;
    }
    const bool is_kept = body_.result != nullptr || !body_.text.empty();
    return input_.size() + parser_.request().body.size() + head_.size() +
           (is_kept ? bytes_of(body_).size() : 0);
}

void Client::on_tick(Clock::time_point now, bool draining) {
    switch (state_) {
    case State::reading:
        if (parser_.is_in_body()) {
            if (now - phase_ > limits_.body_time || now - moved_ > limits_.stall_time) {
                refuse({Code::request_timeout, "The body did not come in time.", ""});
            }
        } else if (!input_.empty()) {
            if (now - phase_ > limits_.head_time) {
                refuse({Code::request_timeout, "The head did not come in time.", ""});
            }
        } else if (draining || now - phase_ > limits_.idle_time) {
            close();
        }
        break;
    case State::writing:
        if (now - moved_ > limits_.stall_time) {
            close();
        }
        break;
    case State::lingering:
        if (now - phase_ > linger_time) {
            close();
        } else {
            discard_input();
        }
        break;
    case State::answering:
    case State::closed:
        break;
    }
}

void Client::close() {
    if (state_ == State::closed) {
        return;
    }
    const bool busy = state_ == State::answering;
    state_ = State::closed;
    if (busy) {
        service_.forget(*this);
    }
    loop_.close_client(fd_);
    owner_.on_closed(*this);
}

} // namespace inventory::proxy
