#include "core/gram_signature.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace inventory {
namespace {

using Signature = std::vector<std::uint8_t>;

Signature signature_of(std::initializer_list<std::string_view> texts) {
    Signature signature(signature_size);
    for (const std::string_view text : texts) {
        add_grams(text, signature.data());
    }
    return signature;
}

bool may_hold_term(const Signature &signature, std::string_view term) {
    std::vector<std::uint16_t> grams(most_grams(term.size()));
    const std::size_t count = grams_of(term, grams.data());
    EXPECT_LE(count, grams.size());
    return may_hold(signature.data(), grams.data(), count);
}

TEST(GramSignature, HoldsEveryPartOfItsTexts) {
    const std::string_view text = "docker.io/gr\u00f6\u00dfe \U0001F433-1:2@3_x";
    const Signature signature = signature_of({"a", text, ""});
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
        for (std::size_t size = 0; begin + size <= text.size(); ++size) {
            EXPECT_TRUE(may_hold_term(signature, text.substr(begin, size)));
        }
    }
}

TEST(GramSignature, ExcludesWhatNoTextHas) {
    const Signature signature = signature_of({"library/nginx", "quay.io"});
    for (const std::string_view term : {"z", "yn", "xq", "nginy", "io/", "library/nginx1", "Q"}) {
        EXPECT_FALSE(may_hold_term(signature, term)) << term;
    }
    EXPECT_FALSE(may_hold_term(signature_of({}), "a"));
    EXPECT_TRUE(may_hold_term(signature_of({}), ""));
}

TEST(GramSignature, LettersDigitsAndSignsNeverShareAPair) {
    // Whoever types two of them reads no block in vain.
    const std::string_view plain = "abcdefghijklmnopqrstuvwxyz0123456789-_./:@+";
    for (const char first : plain) {
        for (const char second : plain) {
            const std::string pair{first, second};
            const Signature signature = signature_of({pair});
            for (const char other : plain) {
                EXPECT_EQ(may_hold_term(signature, std::string{first, other}), other == second);
            }
        }
    }
}

} // namespace
} // namespace inventory
