// Runs before the first paint, so that the page never flashes in the other theme. Not a module for that reason.
try {
  const { theme } = JSON.parse(localStorage.getItem("annotator.tastes") ?? "{}");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Written by another version: the system's theme it is.
}
