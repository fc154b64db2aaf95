// Crossings of a ferry between islands: what fits on board, and how somebody gets from one pier to another.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ferry {

using Minutes = std::int32_t;

struct Vehicle {
    std::string plate;
    double metres = 0.0;
    bool refrigerated = false;
};

struct Crossing {
    std::string pier;
    std::string opposite;
    Minutes departure = 0;
    Minutes duration = 0;
};

// "7:05" as minutes after midnight; -1 where the text is no time of day.
Minutes minutesOf(const std::string& clock) {
    const std::size_t colon = clock.find(':');
    if (colon == std::string::npos || colon == 0 || clock.size() != colon + 3) {
        return -1;
    }
    int hours = 0;
    int rest = 0;
    for (std::size_t index = 0; index < clock.size(); ++index) {
        if (index == colon) {
            continue;
        }
        if (clock[index] < '0' || clock[index] > '9') {
            return -1;
        }
        int& part = index < colon ? hours : rest;
        part = part * 10 + (clock[index] - '0');
    }
    return hours < 24 && rest < 60 ? hours * 60 + rest : -1;
}

std::string clockOf(Minutes minutes) {
    const int hours = minutes / 60 % 24;
    const int rest = minutes % 60;
    std::string clock = std::to_string(hours) + ":";
    if (rest < 10) {
        clock += "0";
    }
    return clock + std::to_string(rest);
}

// The vehicles that still fit on deck, in the order in which they came; refrigerated ones are taken first.
std::vector<Vehicle> boarded(std::vector<Vehicle> waiting, double deckMetres) {
    std::stable_partition(waiting.begin(), waiting.end(), [](const Vehicle& vehicle) { return vehicle.refrigerated; });
    std::vector<Vehicle> onDeck;
    for (Vehicle& vehicle : waiting) {
        if (vehicle.metres <= deckMetres) {
            deckMetres -= vehicle.metres;
            onDeck.push_back(std::move(vehicle));
        }
    }
    return onDeck;
}

// The crossings from a pier that depart at a time or later, the earliest first.
std::vector<Crossing> departuresFrom(const std::vector<Crossing>& timetable, const std::string& pier, Minutes earliest) {
    std::vector<Crossing> departures;
    for (const Crossing& crossing : timetable) {
        if (crossing.pier == pier && crossing.departure >= earliest) {
            departures.push_back(crossing);
        }
    }
    std::sort(departures.begin(), departures.end(),
              [](const Crossing& left, const Crossing& right) { return left.departure < right.departure; });
    return departures;
}

// When one is at a pier at the earliest, starting from another at a time; -1 where no crossings lead there.
Minutes earliestArrival(const std::vector<Crossing>& timetable, const std::string& start, const std::string& goal,
                        Minutes earliest) {
    using Arrival = std::pair<Minutes, std::string>;
    std::priority_queue<Arrival, std::vector<Arrival>, std::greater<>> arrivals;
    std::unordered_map<std::string, Minutes> reached;
    arrivals.emplace(earliest, start);
    while (!arrivals.empty()) {
        const auto [minutes, pier] = arrivals.top();
        arrivals.pop();
        if (pier == goal) {
            return minutes;
        }
        if (reached.count(pier) != 0 && reached[pier] <= minutes) {
            continue;
        }
        reached[pier] = minutes;
        for (const Crossing& crossing : departuresFrom(timetable, pier, minutes)) {
            arrivals.emplace(crossing.departure + crossing.duration, crossing.opposite);
        }
    }
    return -1;
}

// The longest time between two departures from a pier on one day; 0 where there are fewer than two.
Minutes longestWait(const std::vector<Crossing>& timetable, const std::string& pier) {
    const std::vector<Crossing> departures = departuresFrom(timetable, pier, 0);
    Minutes longest = 0;
    for (std::size_t index = 1; index < departures.size(); ++index) {
        longest = std::max(longest, departures[index].departure - departures[index - 1].departure);
    }
    return longest;
}

}  // namespace ferry
