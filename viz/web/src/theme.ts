// Light, dark, or as the viewer's system has it. Remembered nowhere.

export type Theme = "auto" | "light" | "dark";

const system = matchMedia("(prefers-color-scheme: dark)");
let chosen: Theme = "auto";

export const theme = (): Theme => chosen;
export const isDark = (): boolean => document.documentElement.dataset.theme === "dark";

let printing = false;

function apply(): void {
  const dark = chosen === "auto" ? system.matches : chosen === "dark";
  document.documentElement.dataset.theme = dark && !printing ? "dark" : "light";
  document.dispatchEvent(new Event("zctrace:theme"));
}

export function chooseTheme(theme: Theme): void {
  chosen = theme;
  apply();
}

system.addEventListener("change", apply);
// Paper is white.
for (const [event, now] of [["beforeprint", true], ["afterprint", false]] as const)
  addEventListener(event, () => {
    printing = now;
    apply();
  });
