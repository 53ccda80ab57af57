import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Where Chromium and its relatives lie; `CHROME_PATH` names another place. */
const places = [
  process.env.CHROME_PATH,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The browser of this machine, or undefined where there is none: nothing is downloaded. */
export const chromiumPath = places.find((path) => path !== undefined && existsSync(path));

/** Starts the browser with an empty profile and without anything that would ask the network. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

/** A page with what went wrong on it. */
export interface OpenPage {
  readonly page: Page;
  /** What the browser wrote to its console: errors and violations of the page's policy among it. */
  readonly messages: readonly string[];
  /** Addresses that were asked for. */
  readonly requests: readonly string[];
}

/** Opens a page in a window of its own. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions): Promise<OpenPage> {
  const context = await browser.newContext(options);
  // However slow the machine is, only a test that hangs is to fail.
  context.setDefaultTimeout(0);
  const page = await context.newPage();
  const messages: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(`${error}`));
  page.on("request", (request) => requests.push(request.url()));
  await page.goto(url);
  return { page, messages, requests };
}
