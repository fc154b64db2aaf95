// Setting text in columns as printers did: words into lines, lines into columns.

#include <algorithm>
#include <cctype>
#include <numeric>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace galley {

enum class Margin { ragged, justified, centred };

struct Column {
    std::size_t width = 0;
    Margin margin = Margin::ragged;
    std::vector<std::string> lines;
};

// The words of a text, without the spaces between them.
std::vector<std::string> wordsOf(std::string_view manuscript) {
    std::vector<std::string> words;
    std::string word;
    for (const char letter : manuscript) {
        if (std::isspace(static_cast<unsigned char>(letter)) != 0) {
            if (!word.empty()) {
                words.push_back(word);
                word.clear();
            }
        } else {
            word.push_back(letter);
        }
    }
    if (!word.empty()) {
        words.push_back(word);
    }
    return words;
}

// A word cut so that no piece is wider than a column; every piece but the last ends in a hyphen.
std::vector<std::string> hyphenated(const std::string& word, std::size_t width) {
    std::vector<std::string> pieces;
    std::size_t begun = 0;
    while (word.size() - begun > width && width > 1) {
        pieces.push_back(word.substr(begun, width - 1) + "-");
        begun += width - 1;
    }
    pieces.push_back(word.substr(begun));
    return pieces;
}

// Words joined into lines that are no wider than the column.
std::vector<std::string> brokenIntoLines(const std::vector<std::string>& words, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    for (const std::string& word : words) {
        for (const std::string& piece : hyphenated(word, width)) {
            if (!line.empty() && line.size() + 1 + piece.size() > width) {
                lines.push_back(line);
                line.clear();
            }
            if (!line.empty()) {
                line += ' ';
            }
            line += piece;
        }
    }
    if (!line.empty()) {
        lines.push_back(line);
    }
    return lines;
}

// Spaces are spread over the gaps of a line, the wider ones to the left, until it fills the column.
std::string justifiedLine(const std::string& line, std::size_t width) {
    const std::vector<std::string> words = wordsOf(line);
    if (words.size() < 2 || line.size() >= width) {
        return line;
    }
    const std::size_t letters = std::accumulate(words.begin(), words.end(), std::size_t{0},
                                                [](std::size_t sum, const std::string& word) { return sum + word.size(); });
    const std::size_t gaps = words.size() - 1;
    const std::size_t spaces = width - letters;
    std::string filled = words.front();
    for (std::size_t gap = 0; gap < gaps; ++gap) {
        const std::size_t wide = spaces / gaps + (gap < spaces % gaps ? 1 : 0);
        filled.append(wide, ' ');
        filled += words[gap + 1];
    }
    return filled;
}

Column setInColumn(std::string_view manuscript, std::size_t width, Margin margin) {
    Column column{width, margin, brokenIntoLines(wordsOf(manuscript), width)};
    for (std::string& line : column.lines) {
        const bool last = &line == &column.lines.back();
        if (margin == Margin::justified && !last) {
            line = justifiedLine(line, width);
        } else if (margin == Margin::centred) {
            line.insert(0, (width - line.size()) / 2, ' ');
        }
    }
    return column;
}

// Columns side by side, with so many spaces between them; shorter ones are filled up.
void printBeside(std::ostream& paper, const std::vector<Column>& columns, std::size_t gutter) {
    std::size_t longest = 0;
    for (const Column& column : columns) {
        longest = std::max(longest, column.lines.size());
    }
    for (std::size_t row = 0; row < longest; ++row) {
        std::string printed;
        for (const Column& column : columns) {
            std::string line = row < column.lines.size() ? column.lines[row] : std::string{};
            line.resize(column.width, ' ');
            printed += line + std::string(gutter, ' ');
        }
        while (!printed.empty() && printed.back() == ' ') {
            printed.pop_back();
        }
        paper << printed << '\n';
    }
}

}  // namespace galley
