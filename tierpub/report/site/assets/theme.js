// The theme, before anything is drawn: that of the system, or the one that was chosen last.
"use strict";

const THEMES = ["system", "light", "dark"];
let theme = "system";
try {
  theme = localStorage.getItem("tierpub-theme") || theme;
} catch {
  // A browser may keep no memory for pages on a disk; then each page starts with the system's.
}

function showTheme() {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  const button = document.getElementById("theme");
  if (button) button.textContent = `Theme: ${theme}`;
}

function nextTheme() {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
  try {
    localStorage.setItem("tierpub-theme", theme);
  } catch {
    // As above.
  }
  showTheme();
}

// Whether a key was meant for the page and not for a field, a menu or the browser.
function isCommand(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const at = event.target;
  return !(at instanceof HTMLElement && at.matches("input:not([type=range]):not([type=checkbox]), select, textarea"));
}

showTheme();
document.addEventListener("DOMContentLoaded", () => {
  showTheme();
  document.getElementById("theme").addEventListener("click", nextTheme);
  document.addEventListener("keydown", (event) => {
    if (isCommand(event) && event.key === "t") nextTheme();
  });
});
