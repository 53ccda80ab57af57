/**
 * @typedef {import("vitest/reporters").Reporter} Reporter
 * @typedef {import("vitest/node").TestModule} TestModule
 * @typedef {{ passed: number, failed: number, skipped: string[] }} Counts
 */

/**
 * Counts tests over whole modules. A module that fails outside its tests (an import error, a failing hook) counts as one
 * failure, so that nothing broken is ever counted as zero failures.
 * @param {readonly TestModule[]} modules
 * @returns {Counts}
 */
export function countTests(modules) {
  /** @type {Counts} */
  const counts = { passed: 0, failed: 0, skipped: [] };
  for (const module of modules) {
    let failedInModule = 0;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") counts.passed++;
      else if (result.state === "failed") failedInModule++;
      else {
        const note = result.state === "skipped" && result.note ? `: ${result.note}` : "";
        const file = [module.project.name, module.relativeModuleId].filter(Boolean).join(" ");
        counts.skipped.push(`${file} > ${test.fullName}${note}`);
      }
    }
    counts.failed += module.state() === "failed" ? Math.max(failedInModule, 1) : failedInModule;
  }
  return counts;
}

/**
 * The closing line: `12 passed, 0 failed`, with `, 3 skipped` only when something was.
 * @param {Counts} counts
 */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`;
}

/**
 * Ends a vitest run with each skipped test and its reason, then one plain line of counts that other programs can read.
 * A run in which no test was executed fails: green must mean that something was checked.
 * @implements {Reporter}
 */
export class CountReporter {
  /**
   * @param {readonly TestModule[]} modules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = countTests(modules);
    counts.failed += unhandledErrors.length;
    for (const skipped of counts.skipped) console.log(`skipped ${skipped}`);
    console.log(closingLine(counts));
    if (counts.passed + counts.failed === 0) process.exitCode = 1;
  }
}
