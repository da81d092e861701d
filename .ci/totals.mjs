// Prints vitest's totals as one line and fails when a test failed or none passed. A file that could not even be loaded
// reports no tests: it counts as one failure, or a syntax error would look like a smaller but green suite.
import { readFileSync } from "node:fs";

const RESULTS = process.argv[2] ?? ".cache/test-results.json";

function read(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    process.stderr.write(`no test results: ${error.message}\n`);
    return { success: false, testResults: [] };
  }
}

const report = read(RESULTS);
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const file of report.testResults) {
  const outcomes = file.assertionResults.map((test) =>
    test.status === "passed" || test.status === "failed" ? test.status : "skipped",
  );
  if (file.status === "failed" && !outcomes.includes("failed")) outcomes.push("failed");
  for (const outcome of outcomes) totals[outcome] += 1;
}
process.exitCode = report.success && totals.failed === 0 && totals.passed > 0 ? 0 : 1;
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
