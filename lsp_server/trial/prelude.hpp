// Put above the code on trial: how a value is told, and the functions of the library that its compiler cannot evaluate.
// Nothing of it is ever built.
#include <cctype>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

#ifdef __clang__
#define PHI_LSP_EVALUATED constexpr
#else
#define PHI_LSP_EVALUATED inline
#endif

namespace phi_lsp {

// Numbers that `telling.py` reads: what kind a value is, how much of it follows, and then that.
enum Kind : long long { UNKNOWN, WHOLE, UNSIGNED, TRUTH, CHARACTER, SINGLE, DOUBLE, TEXT, LIST };

void too_long();

struct Told {
    long long numbers[2000]{};
    std::size_t count = 0;

    constexpr void add(long long number) {
        if (count == 2000) too_long();
        numbers[count++] = number;
    }
};

template <typename T>
concept Text = std::is_convertible_v<T, const char *>;

template <typename T>
concept Range = requires(const T &value) { value.begin() != value.end(); *value.begin(); };

template <typename T>
concept Pair = requires(const T &value) { value.first; value.second; };

template <typename T>
concept Tuple = requires { std::tuple_size<T>::value; };

constexpr void put(Told &told, const char *text, long long length) {
    told.add(TEXT);
    told.add(length);
    for (long long at = 0; at < length; ++at) told.add(static_cast<unsigned char>(text[at]));
}

template <typename T>
constexpr void put(Told &told, const T &value) {
    using Plain = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<Plain, bool>) {
        told.add(TRUTH);
        told.add(value);
    } else if constexpr (std::is_same_v<Plain, char>) {
        told.add(CHARACTER);
        told.add(static_cast<unsigned char>(value));
    } else if constexpr (std::is_integral_v<Plain>) {
        told.add(std::is_unsigned_v<Plain> ? UNSIGNED : WHOLE);
        told.add(static_cast<long long>(value));
    } else if constexpr (std::is_same_v<Plain, float>) {
        told.add(SINGLE);
        told.add(__builtin_bit_cast(int, value));
    } else if constexpr (std::is_same_v<Plain, double>) {
        told.add(DOUBLE);
        told.add(__builtin_bit_cast(long long, value));
    } else if constexpr (Text<T>) {
        const char *text = value;
        put(told, text, std::char_traits<char>::length(text));
    } else if constexpr (requires { { value.data() } -> Text; value.size(); }) {
        put(told, value.data(), value.size());
    } else if constexpr (Range<T>) {
        told.add(LIST);
        std::size_t length = told.count;
        told.add(0);
        for (const auto &item : value) {
            put(told, item);
            ++told.numbers[length];
        }
    } else if constexpr (Pair<T>) {
        told.add(LIST);
        told.add(2);
        put(told, value.first);
        put(told, value.second);
    } else if constexpr (Tuple<T>) {
        told.add(LIST);
        told.add(std::tuple_size<T>::value);
        [&]<std::size_t... At>(std::index_sequence<At...>) {
            (put(told, std::get<At>(value)), ...);
        }(std::make_index_sequence<std::tuple_size<T>::value>());
    } else {
        told.add(UNKNOWN);
    }
}

template <typename T>
constexpr Told tell(const T &value) {
    Told told;
    put(told, value);
    return told;
}

// It has no size: what the compiler says of it holds the numbers.
template <long long... numbers>
struct Value;

template <const Told &told, typename = std::make_index_sequence<told.count>>
struct Shown;

template <const Told &told, std::size_t... at>
struct Shown<told, std::index_sequence<at...>> {
    using type = Value<told.numbers[at]...>;
};

// What a function takes in one place, as a variable that it may change.
template <std::size_t at, typename Result, typename... Arguments>
std::tuple_element_t<at, std::tuple<std::remove_cvref_t<Arguments>...>> taken(Result (*)(Arguments...));

template <typename T>
using Held = std::conditional_t<std::is_pointer_v<T>, std::remove_const_t<std::remove_pointer_t<T>>[], T>;

}  // namespace phi_lsp
