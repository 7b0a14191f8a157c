// Whatever a text holds is found by its keys: the first byte is the size of a term, which is
// looked for where it is and, case apart, anywhere.
#include "property.hpp"

#include "core/asset_keys.hpp"

#include <algorithm>
#include <vector>

using namespace inventory;

namespace {

bool may_hold(const std::vector<AssetKey> &keys, std::string_view term, UuidBytes tenant) {
    const auto is_there = [&](AssetKey key) { return std::ranges::binary_search(keys, key); };
    if (has_alternative_keys(term)) {
        std::vector<AssetKey> alternatives(most_alternative_keys);
        alternatives.resize(alternative_keys(tenant, term, alternatives.data()));
        return std::ranges::any_of(alternatives, is_there);
    }
    std::vector<AssetKey> all(most_term_keys(term.size()));
    all.resize(term_keys(tenant, term, all.data()));
    return std::ranges::all_of(all, is_there);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    constexpr std::uint8_t tenant[16] = {1, 2, 3};
    if (size < 1 || size > 2048) {
        return 0;
    }
    const std::string_view text = as_text(data + 1, size - 1);
    std::vector<AssetKey> keys(most_text_keys(text.size()));
    AssetKeyWriter writer(tenant, keys.data());
    writer.add_text(text);
    const std::size_t count = writer.finish();
    require(count <= keys.size(), "keys fit");
    keys.resize(count);
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
        const std::string_view term = text.substr(begin, data[0] % 80);
        if (term.find(search_separator) == std::string_view::npos) {
            require(may_hold(keys, term, tenant), "a term of the text is found");
        }
    }
    return 0;
}
