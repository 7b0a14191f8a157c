#include "loader/load.hpp"

#include <cstdio>

namespace {

namespace loader = inventory::loader;

constexpr int all_written = 0;
constexpr int failed = 1;
constexpr int some_rejected = 3;

void print_summary(const loader::Options &options, const loader::Counts &counts) {
    std::fprintf(
        stderr, "%s documents: %s inserted, %s updated, %s unchanged, %s rejected%s\n",
        loader::grouped(counts.documents).c_str(), loader::grouped(counts.inserted).c_str(),
        loader::grouped(counts.updated).c_str(), loader::grouped(counts.unchanged).c_str(),
        loader::grouped(counts.rejected).c_str(),
        counts.rejected > 0 && !options.rejects.empty() ? (", see " + options.rejects).c_str()
                                                        : "");
}

} // namespace

int main(int argc, char **argv) {
    try {
        const auto options = loader::read_options(argc, argv);
        const auto counts = loader::Load(options).run();
        if (!options.quiet) {
            print_summary(options, counts);
        }
        return counts.rejected == 0 ? all_written : some_rejected;
    } catch (const loader::Exit &exit) {
        std::fputs(exit.text.c_str(), exit.code == 0 ? stdout : stderr);
        return exit.code;
    } catch (const std::exception &error) {
        std::fprintf(stderr, "asset-inventory-load: %s\n", error.what());
        return failed;
    }
}
