#pragma once

#include "core/error.hpp"
#include "proxy/loop.hpp"
#include "proxy/parser.hpp"
#include "proxy/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace inventory::proxy {

class Client;
struct Exchange;

/// What clients are connected to: the gateway to the database, or the admin pages.
class Service {
public:
    virtual ~Service() = default;
    /// A complete request is in `client.take_request()`. The service answers it,
    /// now or later, by one call of `Client::answer`; `forget` ends the duty.
    virtual void handle(Client &client) = 0;
    /// The request is not one; the service answers with an error document by
    /// `Client::answer`, after which the connection closes.
    virtual void refuse(Client &client, const Error &error) = 0;
    /// The client is gone; it must not be touched any more.
    virtual void forget(Client &client) = 0;
    /// Whether a client that has shut its sending side is taken for gone.
    virtual bool is_gone_on_fin() const = 0;
    virtual void count_received(std::size_t bytes) = 0;
    virtual void count_sent(std::size_t bytes) = 0;
};

/// The bytes of a body and whoever owns them while they wait for a slow reader.
struct Body {
    std::string_view bytes;
    std::string text; ///< When `bytes` is empty and this is not, the body is this.
    Result result;    ///< `bytes` may point into it.
};

/// One HTTP connection: reads requests, one in flight at a time, and writes
/// answers in their order. What follows the request in flight stays in a buffer,
/// and above a limit in the kernel's, so a client cannot make the proxy hold more
/// than its limits allow.
class Client : public Watcher {
public:
    /// The listener, which owns its clients.
    class Owner {
    public:
        virtual ~Owner() = default;
        /// The connection is closed; the owner destroys it at the end of the turn.
        virtual void on_closed(Client &client) = 0;
    };

    Client(Loop &loop, Owner &owner, Service &service, const Limits &limits, int fd,
           std::string address);

    int fd() const noexcept { return fd_; }

    /// The address as text, for logs.
    const std::string &address() const noexcept { return address_; }
    const Request &request() const noexcept { return parser_.request(); }
    Request take_request() { return parser_.take(); }
    /// Set by the gateway: the request in flight, which someone else owns.
    Exchange *exchange = nullptr;

    /// Whether the answer to come must say `connection: close`.
    bool will_close() const noexcept { return closing_ || (peer_finished_ && input_.empty()); }
    /// No further request is read; the answer in flight is the last.
    void close_after_answer() noexcept { closing_ = true; }

    /// Sends an answer: a complete head, and the body. `body` is kept as long as needed.
    void answer(std::string_view head, Body body);
    /// Sends what is no answer (100 Continue).
    void send_interim(std::string_view bytes);

    void on_ready(Ready ready) override;
    /// Bytes that are kept for the client alone: input, a body that comes, an answer that
    /// waits to be read.
    std::size_t held_bytes() const noexcept;
    /// When bytes moved last.
    Clock::time_point moved() const noexcept { return moved_; }
    /// Enforces the limits of time. A drained connection closes when it is idle.
    void on_tick(Clock::time_point now, bool draining);
    /// Answers with an error document and closes.
    void refuse(const Error &error);
    /// Closes now, whatever is in flight.
    void close();

private:
    enum class State {
        reading,   ///< Waits for a request or its rest.
        answering, ///< A request is with the service.
        writing,   ///< The answer does not fit the socket's buffer.
        lingering, ///< The last answer is out; input is thrown away until the client closes.
        closed,
    };

    void read();
    void receive(std::string_view bytes);
    std::size_t parse(std::string_view bytes);
    void parse_waiting();
    void flush();
    void finish_answer();
    void discard_input();
    void update_interest();

    Loop &loop_;
    Owner &owner_;
    Service &service_;
    const Limits &limits_;
    const int fd_;
    const std::string address_;
    Parser parser_;
    State state_ = State::reading;
    bool parsing_ = false; // `parse` is on the stack
    bool closing_ = false;
    bool refused_ = false;       // unread input may follow the last answer
    bool peer_finished_ = false; // the client has shut its sending side
    bool paused_ = false;        // input is left in the kernel
    bool watches_read_ = true;   // what the loop waits for
    bool watches_write_ = false;
    bool continued_ = false;
    std::string input_; // received and not consumed
    std::string head_;  // unsent rest of a head
    Body body_;
    std::size_t body_sent_ = 0;
    Clock::time_point moved_; // when bytes moved last
    Clock::time_point phase_; // when the head, the body or the idle time began
};

} // namespace inventory::proxy
