import { defineConfig } from "tsup";

/** @typedef {import("tsup").Options} Options */

/** @type {Options} */
const shared = {
  format: ["esm"],
  target: "node20",
  platform: "node",
  sourcemap: true,
  clean: true,
};

/**
 * Build of a publishable library: `src/index.ts` becomes `dist/index.js` with its declarations.
 * @param {Options} [options] settings that differ from the preset
 */
export function library(options = {}) {
  return defineConfig({ ...shared, entry: ["src/index.ts"], dts: true, ...options });
}

/**
 * Build of a program: one bundle for each entry that exists, no declarations.
 * @param {string[]} entry source files that start a process
 * @param {Options} [options] settings that differ from the preset
 */
export function program(entry, options = {}) {
  return defineConfig({ ...shared, entry, dts: false, ...options });
}
