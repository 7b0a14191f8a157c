// What parses prints to a filter that parses to the same tree, shown as valid
// JSON; what does not parse says where: within the input or just behind it.
#include "property.hpp"

#include "core/error.hpp"
#include "core/rsql_parser.hpp"
#include "core/utf8.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace inventory;

std::size_t position_in(const std::string &detail) {
    constexpr std::string_view where = "at code point ";
    const std::size_t found = detail.find(where);
    require(found != std::string::npos, "an error names a code point");
    return std::stoul(detail.substr(found + where.size()));
}

void check_error(std::string_view input, const Error &error) {
    require(is_clean_utf8(error.detail()) && is_clean_utf8(error.hint()), "messages are UTF-8");
    require(error.detail().size() + error.hint().size() < 1000, "messages are short");
    if (error.code() == Code::filter_too_large) {
        return;
    }
    require(error.code() == Code::filter_syntax, "a filter fails as syntax or size");
    const std::size_t position = position_in(error.detail());
    require(position >= 1, "positions are 1-based");
    if (is_clean_utf8(input)) {
        require(position <= count_code_points(input) + 1, "positions are within the input");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    try {
        const RsqlNode tree = parse_rsql(input);
        require(nlohmann::json::accept(to_json(tree)), "the dump is JSON");
        const std::string printed = to_rsql(tree);
        if (printed.size() <= rsql_max_bytes) {
            const RsqlNode again = parse_rsql(printed);
            require(to_json(again) == to_json(tree), "printing keeps the tree");
            require(to_rsql(again) == printed, "printing is stable, live stars included");
        }
    } catch (const Error &error) {
        check_error(input, error);
    }
    return 0;
}
