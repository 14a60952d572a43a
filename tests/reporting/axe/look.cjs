// Look at a report in Chromium and tell what was seen as JSON on standard output.
// node look.cjs FOLDER-OF-SETUP CHROMIUM REPORT.html
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const [folder, executablePath, report] = process.argv.slice(2);
const { chromium } = require(path.join(folder, "node_modules", "playwright-core"));
const axe = fs.readFileSync(path.join(folder, "node_modules", "axe-core", "axe.min.js"), "utf8");
const address = pathToFileURL(report).href;

const SCREENS = {
  light: { viewport: { width: 1200, height: 900 }, colorScheme: "light" },
  dark: { viewport: { width: 1200, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 320, height: 640 }, colorScheme: "light" },
  "phone dark": { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
  "strong contrast": { viewport: { width: 720, height: 900 }, colorScheme: "dark", forcedColors: "active" },
  "middle width": { viewport: { width: 1000, height: 900 }, colorScheme: "light" },
  "right to left": { viewport: { width: 320, height: 640 }, colorScheme: "light" },
};

async function open(browser, options, seen) {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.on("console", (message) => seen.console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => seen.console.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => (seen.console.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  page.on("request", (request) => seen.requests.push(request.url()));
  await page.addInitScript(() => {
    window.violations = [];
    addEventListener("securitypolicyviolation", (event) => window.violations.push(event.violatedDirective));
  });
  await page.goto(address);
  return page;
}

async function accessible(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ["violations"] });
    return found.violations.map((rule) => `${rule.id}: ${rule.nodes.length} x ${rule.nodes[0].html.slice(0, 200)}`);
  });
}

async function use(page) {
  const shown = () => page.locator(".check:visible").count();
  const says = () => page.locator("#shown").textContent();
  const seen = { all: await shown() };
  await page.locator("h1").click();
  await page.keyboard.press("/");
  seen.focused = await page.evaluate(() => document.activeElement.id);
  await page.keyboard.type("ssh ROOT");
  seen.searched = [await shown(), await says()];
  await page.keyboard.type(" nothing-has-this");
  seen.nothing = [await shown(), await page.locator("#nothing").isVisible()];
  await page.keyboard.press("Escape");
  seen.cleared = [await shown(), await page.locator("#search").inputValue()];
  await page.locator("input[name=status][value=pass]").uncheck();
  seen.withoutPasses = await shown();
  await page.locator("input[name=severity][value=critical]").uncheck();
  seen.withoutCriticalToo = await shown();
  const hidden = await page.locator(".check.pass").first().getAttribute("id");
  await page.evaluate((id) => (location.hash = id), hidden);
  await page.waitForFunction((id) => document.getElementById(id).open, hidden);
  seen.linkShowsHidden = await shown();
  await page.locator("[data-show=fail]").click();
  seen.onlyFailures = await shown();
  seen.copyButtons = [await page.locator("pre > .copy").count(), await page.locator("pre").count()];
  return seen;
}

async function print(page) {
  await page.emulateMedia({ media: "print" });
  return page.evaluate(async () => {
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame); // unfolds with the next frame
    const shows = (selector) =>
      [...document.querySelectorAll(selector)].map((box) => box.lastElementChild.checkVisibility({ contentVisibilityAuto: true }));
    return {
      failures: shows(".check.fail, .check.unknown"),
      passes: shows(".check.pass"),
      controls: shows(".paper"),
      filters: document.getElementById("filters").checkVisibility(),
    };
  });
}

(async () => {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const seen = { console: [], requests: [], violations: [], screens: {} };
  try {
    for (const [name, options] of Object.entries(SCREENS)) {
      const page = await open(browser, options, seen);
      if (name === "right to left") await page.evaluate(() => (document.documentElement.dir = "rtl"));
      const folded = ["light", "phone"].includes(name) ? await accessible(page) : [];
      await page.evaluate(() => document.querySelectorAll("details").forEach((box) => (box.open = true)));
      const screen = { folded, unfolded: await accessible(page) };
      screen.width = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      seen.screens[name] = screen;
      seen.violations.push(...(await page.evaluate(() => window.violations)));
      await page.context().close();
    }
    const page = await open(browser, SCREENS.light, seen);
    seen.used = await use(page);
    seen.violations.push(...(await page.evaluate(() => window.violations)));
    await page.context().close();
    const paper = await open(browser, SCREENS.light, seen);
    seen.printed = await print(paper);
    await paper.context().close();
    const plain = await open(browser, { ...SCREENS.light, javaScriptEnabled: false }, seen);
    seen.withoutScript = {
      checks: await plain.locator(".check:visible").count(),
      filters: await plain.locator("#filters").isVisible(),
      copy: await plain.locator(".copy").count(),
    };
  } finally {
    await browser.close();
  }
  process.stdout.write(JSON.stringify(seen));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
