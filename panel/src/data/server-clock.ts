// Times come from the daemon's clock; a tablet on the wall may be minutes off. "2 min ago" is reckoned on the daemon's.
let skew = 0;

export function setServerTime(iso: string): void {
  skew = Date.parse(iso) - Date.now();
}

/** The daemon's time now, milliseconds since 1970. */
export function serverNow(): number {
  return Date.now() + skew;
}
