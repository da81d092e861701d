/** A name as an id of small letters, digits and "-": accents are dropped, anything else parts words. May be empty. */
function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 48)
    .replace(/^-+|-+$/g, "");
}

/** An id made from a name that no other has yet; `fallback` stands in for names without a usable letter. */
export function uniqueSlug(name: string, taken: ReadonlySet<string>, fallback: string): string {
  const slug = slugOf(name) || fallback;
  if (!taken.has(slug)) return slug;
  for (let count = 2; ; count += 1) {
    const numbered = `${slug}-${count}`;
    if (!taken.has(numbered)) return numbered;
  }
}
