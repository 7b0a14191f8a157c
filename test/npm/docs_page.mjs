// Uses the page at /docs as a reader would, in headless Chromium: light and dark, phone and desktop.
//
//     node docs_page.mjs FOLDER     with URL, TOKEN and ORG in the environment
//
// FOLDER gets a screenshot of each. Every check that fails is a line; the status is 1 when there is any.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright-core';

const { URL: server, TOKEN: token, ORG: org } = process.env;
const folder = process.argv[2];
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
const screens = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
let where = '';

function check(holds, sentence) {
  if (!holds) {
    console.log(`${where}: ${sentence}`);
    process.exitCode = 1;
  }
}

/** The contrast of an element's text with what is behind it (WCAG 2.1, 1.4.3). */
function contrast(element) {
  const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
  const behind = [];
  for (let node = element; node; node = node.parentElement) {
    behind.push(parse(getComputedStyle(node).backgroundColor));
  }
  const over = ([r, g, b, alpha = 1], below) => [r, g, b].map((value, i) => value * alpha + below[i] * (1 - alpha));
  const paper = behind.reverse().reduce((below, colour) => over(colour, below), [255, 255, 255]);
  const luminance = (colour) => colour
    .map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const [low, high] = [luminance(over(parse(getComputedStyle(element).color), paper)), luminance(paper)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** Opens an operation, fills in its parameters and sends it; returns the status shown. */
async function send(page, id, parameters) {
  const operation = page.locator(`.opblock[id$="-${id}"]`);
  if (!(await operation.locator('.opblock-body').count())) {
    await operation.locator('.opblock-summary-control').click();
  }
  for (const [name, value] of Object.entries(parameters)) {
    await operation.locator(`tr[data-param-name="${name}"] input`).fill(value);
  }
  const answered = page.waitForResponse((answer) => answer.url().includes('/inventory/') && answer.status() !== 302);
  await operation.locator('.execute').click();
  await answered;
  const status = operation.locator('.live-responses-table tbody .response-col_status');
  await page.waitForFunction(([cell, text]) => cell.textContent.includes(text),
    [await status.elementHandle(), String((await answered).status())]);
  return (await answered).status();
}

async function read(screen, scheme) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'docs-page-'));
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium', headless: true, args: flags, viewport: screens[screen], colorScheme: scheme,
  });
  const page = await browser.newPage();
  page.on('request', (request) => check(/^(data|blob):/.test(request.url()) || request.url().startsWith(`${server}/`),
    `a request left the origin: ${request.url()}`));
  page.on('pageerror', (error) => check(false, `an error in the page: ${error.message}`));
  page.on('console', (line) => check(line.type() !== 'error' || /status of 401/.test(line.text()),
    `an error in the console: ${line.text()}`));
  try {
    await page.goto(`${server}/docs`);
    await page.locator('.opblock').first().waitFor();
    check(await page.title() === 'Assets API', 'the title is that of the document');
    check(await page.locator('.opblock').count() === 32, 'every operation is listed');

    await page.fill('#key', `Authorization: Token ${token}`);
    await page.click('#use');
    check(await send(page, 'listAssetsInOrg', { org_id: org }) === 200, 'GET assets with the key is answered 200');
    await page.screenshot({ path: path.join(folder, `${screen}-${scheme}.png`) });

    check(await page.evaluate(() => document.documentElement.scrollWidth) <= screens[screen].width,
      'the page is not wider than the screen');
    for (const text of ['#state', '#access label', '.info .title', '.opblock-summary-method', '.opblock-summary-path',
      '.opblock-summary-description', '.parameter__name', '.response-col_status', '.btn.execute']) {
      const ratio = await page.locator(text).first().evaluate(contrast);
      check(ratio >= 4.5, `${text} has a contrast of ${ratio.toFixed(1)}, less than 4.5`);
    }

    if (screen === 'phone' && scheme === 'light' || screen === 'desktop' && scheme === 'dark') {
      return;
    }
    check(await send(page, 'createSearchInOrg', { org_id: org }) === 200, 'a search leads to its results');
    await page.reload();
    await page.locator('.opblock').first().waitFor();
    check(await page.inputValue('#key') === token, 'the key outlives a reload');
    await page.click('#use');
    check(await send(page, 'listGroupFieldsInOrg', { org_id: org }) === 401, 'without the key it is 401');
    check(await page.evaluate(() => sessionStorage.length + localStorage.length + document.cookie.length) === 0,
      'nothing of the key is kept');
  } catch (error) {
    check(false, error.message);
    await page.screenshot({ path: path.join(folder, `${screen}-${scheme}-failed.png`) });
  } finally {
    await browser.close();
    fs.rmSync(profile, { recursive: true, force: true });
  }
}

for (const screen of Object.keys(screens)) {
  for (const scheme of ['light', 'dark']) {
    where = `${screen}, ${scheme}`;
    await read(screen, scheme);
  }
}
