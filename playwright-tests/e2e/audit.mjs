// Looks at the page as it is drawn: names of controls, contrast of texts, layout shifts.

/** Layout shifts that no input of the visitor caused. */
export function shifts(page) {
  return page.evaluate(() => new Promise((resolve) => {
    const found = [];
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput, sources } of list.getEntries()) {
        if (!hadRecentInput) found.push({ value, nodes: sources.map(({ node }) => node?.className ?? node?.nodeName) });
      }
    }).observe({ type: "layout-shift", buffered: true });
    // Entries are delivered before the frame after the next.
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(found))));
  }));
}

/** Controls that a screen reader could not name. */
export function controlsWithoutName(page) {
  return page.evaluate(() => {
    const named = (control) =>
      control.getAttribute("aria-label") || control.textContent.trim() || control.labels?.length > 0;
    return [...document.querySelectorAll("button, input:not([hidden]), select, textarea, a, summary, [tabindex='0']")]
      .filter((control) => !named(control) && !control.getAttribute("aria-labelledby"))
      .map((control) => control.outerHTML);
  });
}

/** The contrast of every text on the page with what it stands on. */
export function contrasts(page) {
  return page.evaluate(() => {
    const channels = (color) => color.match(/[\d.]+/g).map(Number);
    const luminance = (color) => {
      const [r, g, b] = channels(color).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = (element) => {
      const { backgroundColor } = getComputedStyle(element);
      return channels(backgroundColor)[3] === 0 && element.parentElement ? ground(element.parentElement) : backgroundColor;
    };
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      const element = text.parentElement;
      if (!text.data.trim() || !element.checkVisibility() || element.closest("noscript, .skip")) continue;
      const { color, fill } = getComputedStyle(element);
      const [a, b] = [luminance(element instanceof SVGElement ? fill : color), luminance(ground(element))].sort((x, y) => y - x);
      found.push({ text: text.data.trim(), ratio: (a + 0.05) / (b + 0.05) });
    }
    return found;
  });
}
