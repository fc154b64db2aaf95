// What is drawn in VS Code's window, told as text. Put into the page by `workbench.py`; it reads and changes nothing.
window.phi = (() => {
  const plain = (text) => text.replaceAll("\u00a0", " ");
  const top = (element) => element.getBoundingClientRect().top;
  const all = (selector) => [...document.querySelectorAll(selector)];
  const joined = (elements) => plain(elements.map((element) => element.textContent).join(""));
  let frames = [];
  let looking = 0;

  // The suggestion in the text: what is drawn behind the cursor, and the lines below.
  function ghost() {
    const first = all(".view-lines [class*=ghost-text-decoration]");
    const below = all(".view-zones .suggest-preview-text .view-line").sort((one, other) => top(one) - top(other));
    return first.length + below.length ? [joined(first), ...below.map((line) => joined([line]))].join("\n") : "";
  }

  // The lines of the file that are in sight.
  function text() {
    return all(".editor-instance .view-lines .view-line")
      .sort((one, other) => top(one) - top(other))
      .map((line) => {
        const copy = line.cloneNode(true);
        copy.querySelectorAll("[class*=ghost-text]").forEach((part) => part.remove());
        return plain(copy.textContent);
      })
      .join("\n");
  }

  // The part of a line that is drawn over what is `at` a place; letters may be of any width.
  function over(line, at) {
    const letters = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let found = "";
    for (let node = letters.nextNode(); node; node = letters.nextNode()) {
      for (let place = 0; place < node.length; place++) {
        range.setStart(node, place);
        range.setEnd(node, place + 1);
        const { left, width } = range.getBoundingClientRect();
        found += at.left <= left + width / 2 && left + width / 2 <= at.right ? node.data[place] : "";
      }
    }
    return plain(found);
  }

  // The texts that are underlined, by where the lines under them are.
  function underlined() {
    const lines = all(".editor-instance .view-lines .view-line");
    return all(".editor-instance .cdr[class*=squiggly-]").map((mark) => {
      const at = mark.getBoundingClientRect();
      return over(lines.find((one) => top(one) <= at.top + 1 && at.top + 1 < one.getBoundingClientRect().bottom), at);
    });
  }

  function look() {
    frames.push(ghost());
    looking = requestAnimationFrame(look);
  }

  function watch() {
    frames = [];
    looking = requestAnimationFrame(look);
  }

  function watched() {
    cancelAnimationFrame(looking);
    return frames;
  }

  return { ghost, text, underlined, watch, watched };
})();
