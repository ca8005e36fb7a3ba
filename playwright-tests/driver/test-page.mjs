// Runs one test file in a page of its own.

/** Longer than any single test may take (see shim/test.ts); beyond it the page itself hangs. */
const timeout = 600_000;

const isAccident = (text) => /^Uncaught|content[- ]security[- ]policy.*(script|worker)-src/is.test(text);
const failure = (name, error) => ({ name, state: "failed", error });

/**
 * What came of each test, with a failure for every error outside of them. The page sees its own errors; those of its
 * workers are seen on the console.
 */
export async function runInPage(browser, url) {
  const page = await browser.newPage();
  const errors = [];
  page.on("console", (message) => {
    if (isAccident(message.text())) errors.push(failure("console", message.text()));
  });
  try {
    await page.goto(url);
    const outcomes = await inTime(page.evaluate(() => globalThis.trellisTests));
    return [...outcomes, ...errors];
  } catch (error) {
    return [failure("page", error.stack), ...errors];
  } finally {
    await page.close();
  }
}

function inTime(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${timeout} ms`)), timeout);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
