import { accessToken } from "./preferences.ts";

/**
 * Addresses of the daemon as seen from this page. Relative to the document, since Home Assistant's ingress serves it
 * under a prefix: an address that began with "/" would lead out of it.
 */
export function apiUrl(path: string): string {
  return new URL(`api/${path}`, document.baseURI).href;
}

/** For pictures and the WebSocket, where a page cannot set headers. */
export function pictureUrl(path: string): string {
  return withToken(new URL(`api/${path}`, document.baseURI)).href;
}

/** The same for an address that the daemon gave, relative to the panel. */
export function givenPictureUrl(address: string): string {
  return withToken(new URL(address, document.baseURI)).href;
}

export function socketUrl(): string {
  const url = new URL("ws", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return withToken(url).href;
}

function withToken(url: URL): URL {
  const token = accessToken.get();
  if (token !== "") url.searchParams.set("token", token);
  return url;
}
