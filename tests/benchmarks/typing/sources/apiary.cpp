// What a keeper of bees writes down, and what can be read from it.

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace apiary {

struct Weighing {
    int day = 0;
    double kilograms = 0.0;
};

struct Hive {
    std::string label;
    int frames = 0;
    bool queenSeen = false;
    std::vector<Weighing> weighings;
};

// The heaviest weighing of a hive; nothing where it was never weighed.
std::optional<Weighing> heaviestWeighing(const Hive& hive) {
    if (hive.weighings.empty()) {
        return std::nullopt;
    }
    return *std::max_element(hive.weighings.begin(), hive.weighings.end(),
                             [](const Weighing& left, const Weighing& right) { return left.kilograms < right.kilograms; });
}

// How much a hive gained between two days, both included; the last weighing of a day counts.
double gainBetween(const Hive& hive, int firstDay, int lastDay) {
    std::map<int, double> byDay;
    for (const Weighing& weighing : hive.weighings) {
        if (weighing.day >= firstDay && weighing.day <= lastDay) {
            byDay[weighing.day] = weighing.kilograms;
        }
    }
    if (byDay.size() < 2) {
        return 0.0;
    }
    return byDay.rbegin()->second - byDay.begin()->second;
}

class Apiary {
public:
    explicit Apiary(std::string meadow) : meadow_(std::move(meadow)) {}

    // Adds an empty hive; a label may be given once only.
    Hive& settle(const std::string& label, int frames) {
        if (find(label) != nullptr) {
            throw std::invalid_argument("hive " + label + " is settled already");
        }
        hives_.push_back(Hive{label, frames, false, {}});
        return hives_.back();
    }

    Hive* find(const std::string& label) {
        for (Hive& hive : hives_) {
            if (hive.label == label) {
                return &hive;
            }
        }
        return nullptr;
    }

    // Labels of the hives in which no queen was seen, in alphabetical order.
    std::vector<std::string> queenless() const {
        std::vector<std::string> labels;
        for (const Hive& hive : hives_) {
            if (!hive.queenSeen) {
                labels.push_back(hive.label);
            }
        }
        std::sort(labels.begin(), labels.end());
        return labels;
    }

    // Moves frames from the fullest hive to the emptiest until they differ by one at the most; how many were moved.
    int balanceFrames() {
        if (hives_.size() < 2) {
            return 0;
        }
        int moved = 0;
        while (true) {
            auto [emptiest, fullest] = std::minmax_element(
                hives_.begin(), hives_.end(), [](const Hive& left, const Hive& right) { return left.frames < right.frames; });
            if (fullest->frames - emptiest->frames <= 1) {
                return moved;
            }
            --fullest->frames;
            ++emptiest->frames;
            ++moved;
        }
    }

    // The mean of the last weighings of all hives that were weighed.
    double meanLastWeighing() const {
        double kilograms = 0.0;
        std::size_t weighed = 0;
        for (const Hive& hive : hives_) {
            if (!hive.weighings.empty()) {
                kilograms += hive.weighings.back().kilograms;
                ++weighed;
            }
        }
        return weighed == 0 ? 0.0 : kilograms / static_cast<double>(weighed);
    }

private:
    std::string meadow_;
    std::vector<Hive> hives_;
};

}  // namespace apiary
