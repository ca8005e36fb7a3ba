/** The package as TypeScript sees it: the same on every platform. */

export * from "./browser.js";
