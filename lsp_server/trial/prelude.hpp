// Put above the code on trial: how a value is told, and the functions of the library that its compiler cannot evaluate.
// Nothing of it is ever built.
#include <cctype>
#include <cstdlib>
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

// What the library has in compiled form only, as far as it is the same everywhere. By these names the code finds it
// instead; what is declared alone is not evaluated.
namespace std {

template <typename T>
    requires is_integral_v<T>
constexpr string phi_lsp_to_string(T value) {
    char digits[24]{};
    int first = 24;
    bool negative = value < 0;
    do {
        int digit = static_cast<int>(value % 10);
        digits[--first] = static_cast<char>('0' + (digit < 0 ? -digit : digit));
        value = static_cast<T>(value / 10);
    } while (value != 0);
    if (negative) digits[--first] = '-';
    return string(digits + first, 24 - first);
}
string phi_lsp_to_string(double);

}  // namespace std

namespace phi_lsp {

constexpr bool between(int low, int letter, int high) { return low <= letter && letter <= high; }

void out_of_range();

template <typename Number>
constexpr Number parsed(const char *text, bool &found) {
    while (*text == ' ' || between('\t', *text, '\r')) ++text;
    bool negative = *text == '-';
    if (*text == '-' || *text == '+') ++text;
    Number value = 0;
    for (found = between('0', *text, '9'); between('0', *text, '9'); ++text) {
        Number digit = static_cast<Number>(*text - '0');
        if (__builtin_mul_overflow(value, Number{10}, &value)) out_of_range();
        if (negative ? __builtin_sub_overflow(value, digit, &value) : __builtin_add_overflow(value, digit, &value))
            out_of_range();
    }
    return value;
}

template <typename Number>
constexpr Number parsed(const std::string &text) {
    bool found = false;
    Number value = parsed<Number>(text.c_str(), found);
    if (!found) std::__throw_invalid_argument("");
    return value;
}

template <typename Number>
constexpr Number parsed(const char *text) {
    bool found = false;
    return parsed<Number>(text, found);
}

}  // namespace phi_lsp

constexpr int phi_lsp_isupper(int letter) { return phi_lsp::between('A', letter, 'Z'); }
constexpr int phi_lsp_islower(int letter) { return phi_lsp::between('a', letter, 'z'); }
constexpr int phi_lsp_isdigit(int letter) { return phi_lsp::between('0', letter, '9'); }
constexpr int phi_lsp_isalpha(int letter) { return phi_lsp_isupper(letter) || phi_lsp_islower(letter); }
constexpr int phi_lsp_isalnum(int letter) { return phi_lsp_isalpha(letter) || phi_lsp_isdigit(letter); }
constexpr int phi_lsp_isspace(int letter) { return letter == ' ' || phi_lsp::between('\t', letter, '\r'); }
constexpr int phi_lsp_ispunct(int letter) { return phi_lsp::between('!', letter, '~') && !phi_lsp_isalnum(letter); }
constexpr int phi_lsp_isxdigit(int letter) {
    return phi_lsp_isdigit(letter) || phi_lsp::between('a', letter, 'f') || phi_lsp::between('A', letter, 'F');
}
constexpr int phi_lsp_tolower(int letter) { return phi_lsp_isupper(letter) ? letter + ('a' - 'A') : letter; }
constexpr int phi_lsp_toupper(int letter) { return phi_lsp_islower(letter) ? letter - ('a' - 'A') : letter; }
constexpr int phi_lsp_atoi(const char *text) { return phi_lsp::parsed<int>(text); }
constexpr long phi_lsp_atol(const char *text) { return phi_lsp::parsed<long>(text); }
constexpr long long phi_lsp_atoll(const char *text) { return phi_lsp::parsed<long long>(text); }

namespace std {

constexpr int phi_lsp_stoi(const string &text) { return phi_lsp::parsed<int>(text); }
constexpr long phi_lsp_stol(const string &text) { return phi_lsp::parsed<long>(text); }
constexpr long long phi_lsp_stoll(const string &text) { return phi_lsp::parsed<long long>(text); }
int phi_lsp_stoi(const string &, size_t *, int = 10);
long phi_lsp_stol(const string &, size_t *, int = 10);
long long phi_lsp_stoll(const string &, size_t *, int = 10);
using ::phi_lsp_atoi, ::phi_lsp_atol, ::phi_lsp_atoll;
using ::phi_lsp_isalnum, ::phi_lsp_isalpha, ::phi_lsp_isdigit, ::phi_lsp_islower, ::phi_lsp_isupper;
using ::phi_lsp_ispunct, ::phi_lsp_isspace, ::phi_lsp_isxdigit, ::phi_lsp_tolower, ::phi_lsp_toupper;

}  // namespace std

// Texts of examples are strings.
using namespace std::string_literals;

#define to_string phi_lsp_to_string
#define stoi phi_lsp_stoi
#define stol phi_lsp_stol
#define stoll phi_lsp_stoll
#define atoi phi_lsp_atoi
#define atol phi_lsp_atol
#define atoll phi_lsp_atoll
#define isalnum phi_lsp_isalnum
#define isalpha phi_lsp_isalpha
#define isdigit phi_lsp_isdigit
#define islower phi_lsp_islower
#define ispunct phi_lsp_ispunct
#define isspace phi_lsp_isspace
#define isupper phi_lsp_isupper
#define isxdigit phi_lsp_isxdigit
#define tolower phi_lsp_tolower
#define toupper phi_lsp_toupper
