#include "proxy/secret.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstring>
#include <memory>
#include <random>
#include <stdexcept>

namespace inventory::proxy {
namespace {

/// OpenSSL 3 looks an algorithm up by name at each one-shot call, which costs
/// more than the hash of a key; this keeps the look-up and the context.
class Sha256 {
public:
    using Digest = std::array<unsigned char, 32>;

    Digest operator()(std::string_view text) {
        Digest digest{};
        if (EVP_DigestInit_ex2(context_.get(), algorithm_.get(), nullptr) != 1 ||
            EVP_DigestUpdate(context_.get(), text.data(), text.size()) != 1 ||
            EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) {
            throw std::runtime_error("SHA-256 failed");
        }
        return digest;
    }

private:
    struct Free {
        void operator()(EVP_MD *algorithm) const { EVP_MD_free(algorithm); }
        void operator()(EVP_MD_CTX *context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD, Free> algorithm_{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    std::unique_ptr<EVP_MD_CTX, Free> context_{EVP_MD_CTX_new()};
};

} // namespace

std::string sha256_hex(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    thread_local Sha256 sha256;
    const auto digest = sha256(text);
    std::string hex(digest.size() * 2, '\0');
    for (std::size_t i = 0; i < digest.size(); ++i) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    return hex;
}

Uuid random_uuid() {
    // A pool, because one call for 4 kB costs what one for 16 bytes does.
    thread_local std::array<unsigned char, 4096> pool;
    thread_local std::size_t used = pool.size();
    Uuid uuid;
    if (used + uuid.size() > pool.size()) {
        if (RAND_bytes(pool.data(), static_cast<int>(pool.size())) != 1) {
            throw std::runtime_error("no random numbers");
        }
        used = 0;
    }
    std::memcpy(uuid.data(), pool.data() + used, uuid.size());
    used += uuid.size();
    uuid[6] = static_cast<std::uint8_t>((uuid[6] & 0x0f) | 0x40);
    uuid[8] = static_cast<std::uint8_t>((uuid[8] & 0x3f) | 0x80);
    return uuid;
}

double random_fraction() {
    thread_local std::minstd_rand generator(std::random_device{}());
    return std::uniform_real_distribution<>(0, 1)(generator);
}

} // namespace inventory::proxy
