// Runs before the first paint, so that the page never flashes in the other theme, or with panels that are folded. Not a module for that reason.
(() => {
  let theme = "dark";
  try {
    const tastes = JSON.parse(localStorage.getItem("annotator.tastes") ?? "{}");
    theme = tastes.theme ?? theme;
    if (Array.isArray(tastes.folded)) document.documentElement.dataset.folded = tastes.folded.join(" ");
  } catch {
    // Written by another version: dark it is, with all panels.
  }
  if (theme === "light") document.documentElement.dataset.theme = theme;
  if (theme === "system") delete document.documentElement.dataset.theme;
  const noteRefused = ({ target }) => {
    if (target instanceof HTMLScriptElement) document.documentElement.dataset.scripts = "refused"; // the page says so: see components.css
  };
  addEventListener("error", noteRefused, true);
})();
