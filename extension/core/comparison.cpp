#include "core/comparison.hpp"

#include "core/catalogue.hpp"

#include <algorithm>

namespace inventory {
namespace {

/// Whether `text` matches the value, wildcards included.
bool matches(std::string_view text, const RsqlValue &value, Comparison op) noexcept {
    if (!has_wildcard(value, op)) {
        return text == value.text;
    }
    const auto is_star = [&value](std::size_t i) {
        return std::binary_search(value.wildcards.begin(), value.wildcards.end(),
                                  static_cast<std::uint32_t>(i));
    };
    std::size_t t = 0;
    std::size_t p = 0;
    std::size_t star = std::string::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (p < value.text.size() && is_star(p)) {
            star = p++;
            resume = t;
        } else if (p < value.text.size() && value.text[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < value.text.size() && is_star(p)) {
        ++p;
    }
    return p == value.text.size();
}

} // namespace

bool is_ordering(Comparison op) noexcept {
    return op == Comparison::lt || op == Comparison::le || op == Comparison::gt ||
           op == Comparison::ge;
}

bool is_negative(Comparison op) noexcept {
    return op == Comparison::ne || op == Comparison::out;
}

bool takes_wildcards(Comparison op) noexcept {
    return op == Comparison::eq || op == Comparison::ne;
}

bool has_wildcard(const RsqlValue &value, Comparison op) noexcept {
    return takes_wildcards(op) && !value.wildcards.empty();
}

bool is_any(const RsqlValue &value, Comparison op) noexcept {
    return has_wildcard(value, op) && value.wildcards.size() == value.text.size();
}

bool holds(const std::string_view *text, const RsqlNode &node) {
    const Comparison op = node.comparison;
    if (is_ordering(op)) {
        if (text == nullptr) {
            return false;
        }
        const int order = text->compare(node.values.front().text);
        return op == Comparison::lt   ? order < 0
               : op == Comparison::le ? order <= 0
               : op == Comparison::gt ? order > 0
                                      : order >= 0;
    }
    const bool found =
        std::any_of(node.values.begin(), node.values.end(), [&](const RsqlValue &value) {
            return text == nullptr ? value.text.empty() : matches(*text, value, op);
        });
    return found != is_negative(op);
}

std::vector<std::int64_t> held_ranks(const RsqlNode &node) {
    std::vector<std::int64_t> ranks;
    for (std::size_t i = 0; i < class_names().size(); ++i) {
        if (holds(&class_names()[i], node)) {
            ranks.push_back(static_cast<std::int64_t>(i) + 1);
        }
    }
    if (holds(nullptr, node)) {
        ranks.push_back(missing_class_rank);
    }
    return ranks;
}

std::string like_pattern(const RsqlValue &value) {
    std::string out;
    out.reserve(value.text.size() + 8);
    std::size_t next = 0;
    for (std::size_t i = 0; i < value.text.size(); ++i) {
        const char c = value.text[i];
        if (next < value.wildcards.size() && value.wildcards[next] == i) {
            ++next;
            const bool continues_run = i > 0 && next >= 2 && value.wildcards[next - 2] == i - 1;
            if (!continues_run) {
                out += '%';
            }
            continue;
        }
        if (c == '%' || c == '_' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

} // namespace inventory
