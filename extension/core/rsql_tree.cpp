#include "core/rsql_tree.hpp"

#include "core/json_writer.hpp"

#include <algorithm>

namespace inventory {
namespace {

constexpr std::string_view reserved = "\"'();,=!~<> \t\r\n";

void write_json(JsonWriter &json, const RsqlNode &node) {
    json.begin_object();
    if (node.kind == RsqlNode::Kind::comparison) {
        json.key("field").string(node.selector);
        json.key("cmp").string(sign(node.comparison));
        json.key("values").begin_array();
        for (const RsqlValue &value : node.values) {
            json.string(value.text);
        }
    } else {
        json.key("op").string(node.kind == RsqlNode::Kind::conjunction ? "and" : "or");
        json.key("args").begin_array();
        for (const RsqlNode &child : node.children) {
            write_json(json, child);
        }
    }
    json.end_array().end_object();
}

/// Unquoted where that says the same, which it does when every star is live.
bool needs_quotes(const RsqlValue &value) {
    const auto stars = std::ranges::count(value.text, '*');
    return value.text.empty() || value.text.find_first_of(reserved) != std::string::npos ||
           static_cast<std::size_t>(stars) != value.wildcards.size();
}

void print_value(std::string &out, const RsqlValue &value) {
    if (!needs_quotes(value)) {
        out += value.text;
        return;
    }
    const char quote =
        std::ranges::count(value.text, '"') > std::ranges::count(value.text, '\'') ? '\'' : '"';
    auto wildcard = value.wildcards.begin();
    out += quote;
    for (std::size_t i = 0; i < value.text.size(); ++i) {
        const char c = value.text[i];
        const bool is_live = wildcard != value.wildcards.end() && *wildcard == i;
        if (is_live) {
            ++wildcard;
        } else if (c == '*' || c == '\\' || c == quote) {
            out += '\\';
        }
        out += c;
    }
    out += quote;
}

void print_comparison(std::string &out, const RsqlNode &node) {
    const bool is_list = node.comparison == Comparison::in || node.comparison == Comparison::out;
    out += node.selector;
    out += sign(node.comparison);
    out += is_list ? "(" : "";
    for (std::size_t i = 0; i < node.values.size(); ++i) {
        out += i > 0 ? "," : "";
        print_value(out, node.values[i]);
    }
    out += is_list ? ")" : "";
}

void print(std::string &out, const RsqlNode &node) {
    if (node.kind == RsqlNode::Kind::comparison) {
        print_comparison(out, node);
        return;
    }
    const bool is_conjunction = node.kind == RsqlNode::Kind::conjunction;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
        const RsqlNode &child = node.children[i];
        // `;` binds tighter than `,`, and a node of the same kind keeps its own parentheses.
        const bool is_bare = child.kind == RsqlNode::Kind::comparison ||
                             (!is_conjunction && child.kind == RsqlNode::Kind::conjunction);
        if (i > 0) {
            out += is_conjunction ? ';' : ',';
        }
        out += is_bare ? "" : "(";
        print(out, child);
        out += is_bare ? "" : ")";
    }
}

} // namespace

std::string_view sign(Comparison comparison) noexcept {
    switch (comparison) {
    case Comparison::eq:
        return "==";
    case Comparison::ne:
        return "!=";
    case Comparison::lt:
        return "=lt=";
    case Comparison::le:
        return "=le=";
    case Comparison::gt:
        return "=gt=";
    case Comparison::ge:
        return "=ge=";
    case Comparison::in:
        return "=in=";
    case Comparison::out:
        return "=out=";
    }
    return {};
}

std::string to_json(const RsqlNode &node) {
    std::string out;
    JsonWriter json(out);
    write_json(json, node);
    return out;
}

std::string to_rsql(const RsqlNode &node) {
    std::string out;
    print(out, node);
    return out;
}

} // namespace inventory
