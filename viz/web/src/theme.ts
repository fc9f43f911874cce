// Light, dark, or as the viewer's system has it. Remembered nowhere.

export type Theme = "auto" | "light" | "dark";

const system = matchMedia("(prefers-color-scheme: dark)");
let chosen: Theme = "auto";

export const theme = (): Theme => chosen;
export const isDark = (): boolean => document.documentElement.dataset.theme === "dark";

function apply(): void {
  document.documentElement.dataset.theme = chosen === "auto" ? (system.matches ? "dark" : "light") : chosen;
  document.dispatchEvent(new Event("zctrace:theme"));
}

export function chooseTheme(theme: Theme): void {
  chosen = theme;
  apply();
}

system.addEventListener("change", apply);
