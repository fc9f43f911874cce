// Where things are on the page, as the address has it behind its #.

/** The address of a panel, or of a part of it: "#run-2/sender/page cache/socket buffer/cpu". */
export const addressOf = (panel: string, at = ""): string => `#${encodeURI(at ? `${panel}/${at}` : panel)}`;

/** What the address asks for; empty: nothing. */
export function asked(): string {
  try {
    return decodeURIComponent(location.hash.slice(1));
  } catch {
    return location.hash; // not one of ours
  }
}
