// Runs before the first paint, so that the page never flashes in the other theme. Not a module for that reason.
(() => {
  let theme = "dark";
  try {
    theme = JSON.parse(localStorage.getItem("annotator.tastes") ?? "{}").theme ?? theme;
  } catch {
    // Written by another version: dark it is.
  }
  if (theme === "light") document.documentElement.dataset.theme = theme;
  if (theme === "system") delete document.documentElement.dataset.theme;
})();
