// Sizes, counts and times as people read them: the rules of userspace/units.cpp. tests/golden/units.json holds both to them.

const PREFIXES = "KMGTPE";

/** As printf rounds: a tie goes to the even digit, where toFixed goes up. */
function fixed(value: number, digits: number): string {
  const twice = value * 2 * 10 ** digits;
  const tie = Number.isInteger(value * 2 ** (digits + 1)) && Number.isInteger(twice) && twice % 2 === 1;
  if (tie && ((twice - 1) / 2) % 2 === 0) return ((twice - 1) / 2 / 10 ** digits).toFixed(digits);
  return value.toFixed(digits);
}

/** "1,024". Past 2^53 a number is not exact here, and says so. */
export function formatCount(count: number): string {
  const digits = BigInt(Math.trunc(count)).toString().replace(/\B(?=(\d{3})+$)/g, ",");
  return Number.isSafeInteger(Math.trunc(count)) ? digits : "≈" + digits;
}

function threeDigits(value: number): string {
  if (value >= 99.95) return formatCount(Math.trunc(value + 0.5));
  return fixed(value, value >= 9.995 ? 1 : 2);
}

/** "65,537 B" */
export const formatExact = (bytes: number): string => formatCount(bytes) + " B";

/** "812 B", "4.00 MiB" */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return formatExact(bytes);
  let value = bytes;
  let unit = 0;
  do {
    value /= 1024;
    ++unit;
  } while (value >= 999.5 && unit < PREFIXES.length);
  return `${threeDigits(value)} ${PREFIXES[unit - 1]}iB`;
}

/** "812 ns", "1.23 µs", "45.6 ms", "7.89 s" */
export function formatNs(ns: number): string {
  if (ns < 1000) return `${Math.trunc(ns)} ns`;
  const units = ["µs", "ms", "s"];
  let value = ns;
  let unit = 0;
  do {
    value /= 1000;
    ++unit;
  } while (value >= 999.5 && unit < units.length);
  return `${threeDigits(value)} ${units[unit - 1]}`;
}

/** "2.00", "<0.01" */
export function formatRatio(ratio: number): string {
  return ratio > 0 && ratio < 0.005 ? "<0.01" : fixed(ratio, 2);
}

/** What "64KiB", "4M", "1.5ms" or "812" is in bytes or ns; nothing if it is neither. */
export function parseAmount(text: string): number | undefined {
  const parts = /^(-?\d+(?:\.\d+)?) ?([a-zµ]*)$/i.exec(text);
  if (!parts) return undefined;
  const value = Number(parts[1]);
  const unit = parts[2]!.toLowerCase();
  const times: Record<string, number> = { ns: 1, us: 1e3, "µs": 1e3, ms: 1e6, s: 1e9 };
  if (unit === "" || unit === "b") return value;
  if (unit in times) return value * times[unit]!;
  const power = PREFIXES.toLowerCase().indexOf(unit[0]!) + 1;
  if (power === 0 || !["", "b", "ib"].includes(unit.slice(1))) return undefined;
  return value * (unit.slice(1) === "b" ? 1000 : 1024) ** power;
}
