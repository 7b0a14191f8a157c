#include "core/rsql_parser.hpp"

#include "core/error.hpp"
#include "core/rsql_lexer.hpp"
#include "core/rsql_message.hpp"

#include <utility>

namespace inventory {
namespace {

/// Recursive descent with one token in hand. It recurses only into parentheses,
/// whose depth is checked before.
class Parser {
public:
    explicit Parser(std::string_view input) : lexer_(input), token_(lexer_.next()) {
        place_.input = input;
    }

    RsqlNode filter() {
        RsqlNode node = disjunction();
        if (token_.kind != TokenKind::end) {
            unexpected(RsqlExpected::constraint_end);
        }
        return node;
    }

private:
    RsqlNode disjunction() {
        return joined(RsqlNode::Kind::disjunction, TokenKind::comma, "or",
                      [this] { return conjunction(); });
    }

    RsqlNode conjunction() {
        return joined(RsqlNode::Kind::conjunction, TokenKind::semicolon, "and",
                      [this] { return constraint(); });
    }

    /// One part as it is, or a node of all of them.
    template <typename Part>
    RsqlNode joined(RsqlNode::Kind kind, TokenKind separator, std::string_view word, Part part) {
        RsqlNode first = part();
        if (!is_separator(separator, word)) {
            return first;
        }
        RsqlNode node;
        node.kind = kind;
        node.position = first.position;
        node.children.push_back(std::move(first));
        while (is_separator(separator, word)) {
            place_.is_after_comma = separator == TokenKind::comma;
            advance();
            node.children.push_back(part());
        }
        return node;
    }

    RsqlNode constraint() {
        if (token_.kind == TokenKind::text) {
            return comparison();
        }
        if (token_.kind != TokenKind::open) {
            unexpected(RsqlExpected::constraint);
        }
        if (nesting_ == rsql_max_nesting) {
            too_large("levels of nesting", rsql_max_nesting);
        }
        ++nesting_;
        const std::size_t outer = std::exchange(place_.opened_at, token_.position);
        place_.is_after_comma = false;
        advance();
        RsqlNode node = disjunction();
        if (token_.kind != TokenKind::close) {
            unexpected(RsqlExpected::constraint_end);
        }
        place_.opened_at = outer;
        --nesting_;
        advance();
        return node;
    }

    RsqlNode comparison() {
        if (++comparisons_ > rsql_max_comparisons) {
            too_large("comparisons", rsql_max_comparisons);
        }
        RsqlNode node;
        node.position = token_.position;
        node.selector = std::move(token_.value.text);
        advance();
        if (token_.kind != TokenKind::comparison) {
            unexpected(RsqlExpected::comparison);
        }
        node.comparison = place_.comparison = token_.comparison;
        advance();
        if (token_.kind == TokenKind::open) {
            list(node.values);
        } else {
            node.values.push_back(value(RsqlExpected::value));
        }
        return node;
    }

    /// `(value)`, and more of them where the operator takes a list.
    void list(std::vector<RsqlValue> &values) {
        const std::size_t outer = std::exchange(place_.opened_at, token_.position);
        do {
            advance();
            values.push_back(value(RsqlExpected::item));
        } while (takes_list(place_.comparison) && is_separator(TokenKind::comma, "or"));
        if (token_.kind != TokenKind::close) {
            unexpected(RsqlExpected::list_end);
        }
        place_.opened_at = outer;
        advance();
    }

    RsqlValue value(RsqlExpected expected) {
        if (token_.kind != TokenKind::text && token_.kind != TokenKind::quoted) {
            unexpected(expected);
        }
        if (++values_ > rsql_max_values) {
            too_large("values", rsql_max_values);
        }
        RsqlValue value = std::move(token_.value);
        advance();
        return value;
    }

    /// Asked only after a complete constraint or value, where alone a word is an operator.
    bool is_separator(TokenKind kind, std::string_view word) const {
        return token_.kind == kind ||
               (is_word(token_, word) && token_.space_before && token_.space_after);
    }

    void advance() {
        place_.before = token_.source;
        token_ = lexer_.next();
    }

    [[noreturn]] void unexpected(RsqlExpected expected) {
        place_.expected = expected;
        throw rsql_unexpected(token_, place_);
    }

    [[noreturn]] void too_large(std::string_view what, std::size_t limit) const {
        throw Error(Code::filter_too_large, "The filter exceeds the limit of " +
                                                std::to_string(limit) + " " + std::string(what) +
                                                " at code point " +
                                                std::to_string(token_.position) + ".");
    }

    RsqlLexer lexer_;
    Token token_;
    RsqlPlace place_;
    std::size_t nesting_ = 0;
    std::size_t comparisons_ = 0;
    std::size_t values_ = 0;
};

} // namespace

RsqlNode parse_rsql(std::string_view input) {
    return Parser(input).filter();
}

} // namespace inventory
