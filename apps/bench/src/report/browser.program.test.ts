import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inkOf, paperOf } from "../figures/palette.js";
import { runCli, temporaryFolder, words } from "../runCli.testkit.js";
import { writeTinyModel, writeTinyText } from "../tinyModel.testkit.js";
import { chromiumPath, openPage, startBrowser } from "./browser.testkit.js";

/*
 * Reports of small studies in a real browser. `REPORT_SHOTS=DIR` keeps pictures of them, to look at.
 */

const folder = await temporaryFolder();
const shots = process.env.REPORT_SHOTS;
const desktop = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, deviceScaleFactor: 2 };
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const studies = {
  // Eight comparisons of each measure fold behind a plot; texts on which latents are active; lazy training.
  llm: {
    model: "tiny",
    text: "words.txt",
    tokens: 2000,
    ctx: 16,
    "evaluation-contexts": 8,
    "held-out": 0.2,
    variants: "topk,batchtopk",
    baselines: "frozen_decoder",
    evals: "reconstruction,autointerp",
    "d-sae": 16,
    l0: "2,3,4,5",
    steps: 30,
    batch: 128,
    lr: 0.01,
    warmup: 5,
  },
  // Recovery of features, the budget curve, numbers quoted from the paper.
  synthetic: {
    preset: "quick",
    variants: "topk,jumprelu",
    n: 8,
    features: 32,
    "d-sae": 32,
    l0: 2,
    "log-min": -3,
    "log-max": -0.5,
    steps: 200,
    batch: 64,
    "evaluation-rows": 512,
  },
};

describe.skipIf(chromiumPath === undefined)("in a browser (skipped without Chromium; CHROME_PATH names it)", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
    await writeTinyModel(join(folder, "tiny"));
    await writeTinyText(join(folder, "words.txt"), 1200);
    if (shots !== undefined) await mkdir(shots, { recursive: true });
  });
  afterAll(() => browser.close());

  describe.each(Object.entries(studies))("the report of %s", (name, options) => {
    const url = pathToFileURL(join(folder, `runs/report-${name}/report.html`)).href;
    const open = (changed: Parameters<typeof openPage>[2] = desktop) => openPage(browser, url, changed);
    const shoot = async (page: Page, of: string) => {
      if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}-${of}.png`), fullPage: true });
    };

    beforeAll(async () => {
      const { code, stderr } = await runCli([name, ...words({ ...options, name, out: "runs" })], folder);
      expect(code, stderr).toBe(0);
    });

    test("asks for nothing but itself, and the browser has nothing to complain about", async () => {
      const { page, messages, requests } = await open();
      for (const summary of await page.locator("summary").all()) await summary.click();
      expect(requests).toEqual([url]);
      expect(messages).toEqual([]);
      await page.context().close();
    });

    test.each([
      ["on a phone", phone],
      ["at 200 % zoom of a narrow window", { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 }],
      ["on a desktop", desktop],
    ])("fits %s without scrolling sideways", async (of, size) => {
      const { page } = await open(size);
      await shoot(page, of.replaceAll(/\W+/g, "-"));
      expect(await width(page)).toBeLessThanOrEqual(size.viewport.width);
      await unfold(page);
      expect(await width(page)).toBeLessThanOrEqual(size.viewport.width);
      await page.context().close();
    });

    test.each([
      ["a phone", phone, "screen"],
      ["a desktop", desktop, "screen"],
      ["paper", { viewport: { width: 680, height: 1000 } }, "print"],
    ] as const)("verdicts on %s are drawn on the axis below them", async (_, size, media) => {
      const { page } = await open(size);
      await page.emulateMedia({ media });
      await unfold(page);
      const places = await page.locator("ul.verdicts").evaluateAll((lists) =>
        lists.map((list) => {
          const plots = [...list.querySelectorAll("svg"), list.nextElementSibling?.querySelector("svg.axis")];
          const boxes = plots.map((plot) => plot?.getBoundingClientRect());
          return [...new Set(boxes.map((box) => box && `${Math.round(box.left)} to ${Math.round(box.right)}`))];
        }),
      );
      expect(places.filter(({ length }) => length !== 1)).toEqual([]);
      expect(places.length > 0).toBe(name === "llm");
      await page.context().close();
    });

    test.each(["light", "dark"] as const)("is %s as the reader's setting, or as the switch says", async (theme) => {
      const { page } = await open({ ...desktop, colorScheme: theme });
      await shoot(page, theme);
      expect(await colours(page)).toEqual([inkOf(theme), paperOf(theme)]);
      const other = theme === "light" ? "dark" : "light";
      await page.getByRole("radio", { name: other === "dark" ? "Dark" : "Light" }).check();
      expect(await colours(page)).toEqual([inkOf(other), paperOf(other)]);
      await page.getByRole("radio", { name: "Auto" }).check();
      expect(await colours(page)).toEqual([inkOf(theme), paperOf(theme)]);
      await page.context().close();
    });

    test("prints light, unfolded, without what paper cannot do, on the width of a page", async () => {
      const { page } = await open({ viewport: { width: 680, height: 1000 }, colorScheme: "dark" });
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await colours(page)).toEqual([inkOf("light"), paperOf("light")]);
      expect(await width(page)).toBeLessThanOrEqual(680);
      for (const hidden of ["nav", ".theme", ".downloads"]) {
        expect(await page.locator(hidden).first().isVisible(), hidden).toBe(false);
      }
      const definitions = page.locator("details dl");
      if ((await definitions.count()) > 0) expect((await definitions.first().boundingBox())?.height).toBeGreaterThan(0);
      const pdf = await page.pdf({ format: "A4", ...(shots !== undefined && { path: join(shots, `${name}.pdf`) }) });
      expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
      await page.context().close();
    });

    test("the data of every figure can be saved, as CSV and as JSON with the same rows", async () => {
      const { page } = await open();
      const linkTo = (file: string) => page.locator(`a[download="${file}"]`);
      const read = async (file: string) => (await fetch((await linkTo(file).getAttribute("href")) as string)).text();
      const ids = await page
        .locator("a[download$='.csv']")
        .evaluateAll((links) => links.map((link) => (link.getAttribute("download") as string).replace(/\.csv$/, "")));
      expect(ids.length).toBeGreaterThan(0);
      for (const id of ids) {
        const { columns, data } = JSON.parse(await read(`${id}.json`));
        const lines = (await read(`${id}.csv`)).trimEnd().split("\r\n");
        expect(lines[0].replaceAll('"', "")).toBe(columns.join(","));
        expect(lines).toHaveLength(1 + data.length);
      }
      // One click is enough: Chromium drops what a page saves beyond ten files within a second.
      const file = `${ids[0]}.csv`;
      const [download] = await Promise.all([page.waitForEvent("download"), linkTo(file).click()]);
      expect(download.suggestedFilename()).toBe(file);
      expect(await readFile(await download.path(), "utf8")).toBe(await read(file));
      await page.context().close();
    });

    test("every figure is an image with a name and its numbers in words, or text", async () => {
      const { page } = await open();
      const figures = await page.locator("figure").evaluateAll((all) =>
        all.map((figure) => ({
          id: figure.id,
          name: figure.querySelector('[role="img"]')?.getAttribute("aria-label") ?? null,
          inWords: figure.querySelectorAll("details.words li").length,
          texts: figure.querySelectorAll(".latent").length,
          caption: figure.querySelector("figcaption")?.textContent?.trim() ?? "",
        })),
      );
      expect(figures.length).toBeGreaterThan(3);
      for (const { id, name: label, inWords, texts, caption } of figures) {
        expect(caption, id).toMatch(/^Figure \d+\./);
        if (texts === 0) expect([label !== null, inWords > 0], id).toEqual([true, true]);
      }
      await page.context().close();
    });

    test.each([
      ["light", "a desktop", desktop],
      ["dark", "a phone", phone],
    ] as const)("axe finds nothing, %s, on %s", async (colorScheme, _, size) => {
      const { page } = await open({ ...size, colorScheme });
      await unfold(page);
      await page.evaluate(axe);
      const violations = await page.evaluate(async () => {
        const found = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run();
        return found.violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" | ")}`,
        );
      });
      expect(violations).toEqual([]);
      await page.context().close();
    });
  });
});

const width = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);

const unfold = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });

/** Colours of text and background. */
const colours = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { color, backgroundColor } = getComputedStyle(document.body);
    const hex = (rgb: string) =>
      `#${(rgb.match(/\d+/g) ?? []).map((value) => Number(value).toString(16).padStart(2, "0")).join("")}`;
    return [color, backgroundColor].map(hex);
  });
