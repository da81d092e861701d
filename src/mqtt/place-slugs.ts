import { createHash } from "node:crypto";
import anyAscii from "any-ascii";

/** Long enough for names people give, short enough for an entity id (at most 255) with everything around it. */
const MAX_LENGTH = 48;
const HASH_DIGITS = 6;

/** A name as [a-z0-9_], spelt in Latin letters as Home Assistant spells its entity ids. Empty where nothing is left. */
export function placeSlug(name: string): string {
  return (
    anyAscii(name.normalize("NFC").replace(/['’]/g, " "))
      .toLowerCase()
      // Those that are left stand for letters that only change the sound of others.
      .replaceAll("'", "")
      .replace(/[^a-z0-9]+/g, "_")
      .slice(0, MAX_LENGTH)
      .replace(/^_+|_+$/g, "")
  );
}

/**
 * A slug for each name, no two alike, the same in whatever order the names come. Of names that are spelt alike the first in
 * the order of the alphabet has the plain slug; the others carry a hash of their name, which stays when other names go.
 */
export function placeSlugs(names: Iterable<string>): ReadonlyMap<string, string> {
  const slugs = new Map<string, string>();
  const taken = new Set<string>();
  const sorted = [...new Set(names)].sort();
  const give = (name: string, slug: string) => {
    slugs.set(name, slug);
    taken.add(slug);
  };
  for (const name of sorted) {
    const slug = placeSlug(name);
    if (slug !== "" && !taken.has(slug)) give(name, slug);
  }
  for (const name of sorted.filter((other) => !slugs.has(other))) {
    const hash = createHash("sha256").update(name).digest("hex");
    const stem = placeSlug(name) || "place";
    let digits = HASH_DIGITS;
    while (taken.has(`${stem}_${hash.slice(0, digits)}`)) digits += 1;
    give(name, `${stem}_${hash.slice(0, digits)}`);
  }
  return slugs;
}
