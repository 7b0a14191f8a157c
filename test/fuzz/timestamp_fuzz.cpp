// A time that was read, printed and read again is the same instant. An offset may
// carry it out of the years that are printed; then it prints all the same.
#include "property.hpp"

#include "core/timestamp.hpp"

using namespace inventory;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size) {
    const std::string_view input = as_text(data, size);
    const std::optional<UnixMicros> time = parse_timestamp(input);
    require(!parse_date(input) || time, "a date is a time");
    if (!time) {
        return 0;
    }
    std::string printed;
    append_timestamp(printed, *time);
    if (*time >= *parse_timestamp("0001-01-01") &&
        *time <= *parse_timestamp("9999-12-31T23:59:59.999999")) {
        require(parse_timestamp(printed) == time, "a printed time is the same instant");
    }
    return 0;
}
