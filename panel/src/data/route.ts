/** Where in the panel we are, told by the part after "#": it survives any prefix and the back button of a phone. */
export type Route =
  | { readonly view: "live"; readonly camera: string | null }
  | { readonly view: "care"; readonly page: CarePage | null }
  | { readonly view: "alarm"; readonly id: string }
  | { readonly view: "people"; readonly page: "new" | { readonly person: string } | null }
  | { readonly view: "events" }
  | { readonly view: "cameras"; readonly edit: "new" | { readonly camera: string } | null };

const CARE_PAGES = ["drill", "sensitivity", "rules"] as const;
export type CarePage = (typeof CARE_PAGES)[number];

export function routeOf(hash: string): Route | null {
  const [view = "", part = ""] = hash.replace(/^#\/?/, "").split("/", 2).map(decoded);
  switch (view) {
    case "live":
      return { view, camera: part === "" ? null : part };
    case "care":
      return { view, page: CARE_PAGES.find((page) => page === part) ?? null };
    case "alarm":
      return part === "" ? null : { view, id: part };
    case "people":
      return { view, page: part === "" ? null : part === "+" ? "new" : { person: part } };
    case "events":
      return { view };
    case "cameras":
      return { view, edit: part === "" ? null : part === "+" ? "new" : { camera: part } };
    default:
      return null;
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
