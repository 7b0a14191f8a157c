#include "core/error_document.hpp"

#include "core/json_writer.hpp"

namespace inventory {
namespace {

std::string_view member_name(SourceKind kind) {
    switch (kind) {
    case SourceKind::parameter:
        return "parameter";
    case SourceKind::pointer:
        return "pointer";
    case SourceKind::header:
        return "header";
    case SourceKind::none:
        break;
    }
    return {};
}

/// A bug tells the client nothing but how to find it in the log.
std::string detail_of(const Error &error, std::string_view request_id) {
    if (error.code() == Code::internal) {
        return std::string(request_id);
    }
    std::string detail = error.detail();
    if (!error.hint().empty()) {
        detail += ' ';
        detail += error.hint();
    }
    return detail;
}

} // namespace

std::string error_document(const Error &error, std::string_view request_id) {
    const CodeInfo &info = describe(error.code());
    std::string out;
    JsonWriter writer(out);
    writer.begin_object().key("jsonapi").begin_object().key("version").string("1.0").end_object();
    writer.key("errors").begin_array().begin_object();
    writer.key("id").string(request_id);
    writer.key("status").string(std::to_string(info.status));
    writer.key("code").string(info.name);
    writer.key("title").string(info.title);
    writer.key("detail").string(detail_of(error, request_id));
    if (error.source_kind() != SourceKind::none) {
        writer.key("source").begin_object();
        writer.key(member_name(error.source_kind())).string(error.source()).end_object();
    }
    writer.end_object().end_array().end_object();
    return out;
}

} // namespace inventory
