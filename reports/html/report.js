"use strict";
// Search, filters and copy buttons. The report is complete without them.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const form = document.getElementById("filters");
  const search = document.getElementById("search");
  const checks = all(".check").map((box) => ({
    box,
    text: box.textContent.toLowerCase(),
    status: box.classList[1],
    severity: box.dataset.severity,
  }));
  const chosen = (name) => new Set(all(`input[name=${name}]:checked`, form).map((box) => box.value));

  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const status = chosen("status");
    const severity = chosen("severity");
    let shown = 0;
    for (const check of checks) {
      const fits = status.has(check.status) && severity.has(check.severity) && words.every((word) => check.text.includes(word));
      check.box.hidden = !fits;
      shown += fits;
    }
    for (const topic of all(".topic")) topic.hidden = !topic.querySelector(".check:not([hidden])");
    document.getElementById("nothing").hidden = shown > 0;
    document.getElementById("shown").value = `${shown} of ${checks.length} checks`;
  }

  function reset() {
    search.value = "";
    for (const box of all("input[type=checkbox]", form)) box.checked = true;
    filter();
  }

  // A link may lead into something that is folded or filtered away.
  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest("[hidden]")) reset();
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    target.scrollIntoView();
  }

  function addCopyButton(block) {
    const button = document.createElement("button");
    const text = block.textContent;
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().setBaseAndExtent(block.firstChild, 0, block.firstChild, text.length);
        button.textContent = "Selected";
      }
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    block.classList.add("copied");
    block.append(button);
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  for (const link of all("[data-show]"))
    link.addEventListener("click", () => {
      reset();
      for (const box of all("input[name=status]", form)) box.checked = box.value === link.dataset.show;
      filter();
    });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, textarea")) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && event.target === search) reset();
  });
  addEventListener("hashchange", reveal);
  for (const block of all("pre")) addCopyButton(block);
  reveal();

  // Browsers that cannot open details in the style sheet open them here for the printer.
  if (!CSS.supports("selector(::details-content)")) {
    let closed = [];
    addEventListener("beforeprint", () => {
      closed = all(".check.fail, .check.unknown, .paper").filter((box) => !box.open);
      for (const box of closed) box.open = true;
    });
    addEventListener("afterprint", () => {
      for (const box of closed) box.open = false;
    });
  }
})();
