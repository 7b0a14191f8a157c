#include "pg/guard.hpp"

#include "core/error.hpp"

namespace inventory::pg {
namespace {

MemoryContext call_context = nullptr;
bool error_in_flight = false;

/// A copy in the call's context, or nullptr when memory is out: inside a catch
/// block nothing may longjmp.
const char *keep(std::string_view text) noexcept {
    if (text.empty()) {
        return nullptr;
    }
    auto *copy = static_cast<char *>(
        MemoryContextAllocExtended(call_context, text.size() + 1, MCXT_ALLOC_NO_OOM));
    if (copy != nullptr) {
        std::memcpy(copy, text.data(), text.size());
        copy[text.size()] = '\0';
    }
    return copy;
}

/// CopyErrorData, which may itself run out of memory.
ErrorData *copy_pending_error() {
    const detail::JumpScope scope;
    sigjmp_buf landing;
    if (sigsetjmp(landing, 0) == 0) {
        PG_exception_stack = &landing;
        return CopyErrorData();
    }
    return nullptr;
}

} // namespace

bool unwinding() noexcept {
    return error_in_flight;
}

void settle() noexcept {
    error_in_flight = false;
}

namespace {

void write_report(const ErrorData *data, const char *request_id) {
    ereport(LOG, (errcode(data->sqlerrcode),
                  errmsg("request %s failed: %s", request_id,
                         data->message ? data->message : "no message"),
                  data->detail_log ? errdetail_internal("%s", data->detail_log)
                  : data->detail   ? errdetail_internal("%s", data->detail)
                                   : 0,
                  data->context ? errcontext("%s", data->context) : 0, errhidestmt(true)));
}

} // namespace

void report(const ErrorData &data, std::string_view request_id) {
    const std::string id(request_id);
    call(&write_report, &data, id.c_str());
}

namespace detail {

CallScope::CallScope() noexcept : context_(call_context), unwinding_(error_in_flight) {
    call_context = CurrentMemoryContext;
    error_in_flight = false;
}

CallScope::~CallScope() {
    MemoryContextSwitchTo(call_context);
    call_context = context_;
    error_in_flight = unwinding_;
}

void throw_pending_error(MemoryContext context) {
    MemoryContextSwitchTo(call_context);
    ErrorData *const data = copy_pending_error();
    FlushErrorState();
    MemoryContextSwitchTo(context);
    error_in_flight = true;
    if (data == nullptr) {
        throw std::bad_alloc();
    }
    throw Error(data);
}

Failure current_failure() noexcept {
    Failure failure = {nullptr, ERRCODE_INTERNAL_ERROR, nullptr, nullptr, nullptr};
    try {
        throw;
    } catch (const Error &error) {
        failure.postgres = error.data();
    } catch (const inventory::Error &error) {
        const CodeInfo &info = describe(error.code());
        const char *code = info.sqlstate;
        failure.sqlstate = MAKE_SQLSTATE(code[0], code[1], code[2], code[3], code[4]);
        failure.message = info.title;
        failure.detail = keep(error.detail());
        failure.hint = keep(error.hint());
    } catch (const std::bad_alloc &) {
        failure.sqlstate = ERRCODE_OUT_OF_MEMORY;
        failure.message = "out of memory";
    } catch (const std::exception &error) {
        failure.message = keep(error.what());
    } catch (...) {
        failure.message = "unknown C++ exception";
    }
    return failure;
}

void raise(const Failure &failure) {
    if (failure.postgres != nullptr) {
        ReThrowError(failure.postgres);
    }
    ereport(ERROR, (errcode(failure.sqlstate),
                    errmsg_internal("%s", failure.message ? failure.message : "out of memory"),
                    failure.detail ? errdetail_internal("%s", failure.detail) : 0,
                    failure.hint ? errhint("%s", failure.hint) : 0));
    pg_unreachable();
}

} // namespace detail
} // namespace inventory::pg
