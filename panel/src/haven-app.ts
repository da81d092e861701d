// The panel: one page, five views, and the alarms over all of them. Holds what is known of the home and where we are;
// everything below only shows it.
import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, state } from "lit/decorators.js";
import type { ReviewJson } from "../../src/api/person-contract.ts";
import type { Done } from "./components/done.ts";
import { icon } from "./components/icon.ts";
import type { IconName } from "./components/icon-paths.ts";
import type { UndoToast } from "./components/undo-toast.ts";
import { adoptTheme } from "./data/adopt-theme.ts";
import { HomeConnection } from "./data/home-connection.ts";
import { areasOf, cameraOf, EMPTY_HOME, type HomeState, personsMoved } from "./data/home-state.ts";
import { listReviews } from "./data/person-api.ts";
import { skeletonOnly } from "./data/preferences.ts";
import { Refresher } from "./data/refresher.ts";
import { type CarePage, type Route, routeOf } from "./data/route.ts";
import { controls } from "./styles/controls.ts";
import { alarmTitle } from "./words/camera-words.ts";
import "./components/alarm-banner.ts";
import "./components/care-bar.ts";
import "./components/undo-toast.ts";
import "./views/alarm-view.ts";
import "./views/camera-form.ts";
import "./views/camera-live-view.ts";
import "./views/cameras-view.ts";
import "./views/care-view.ts";
import "./views/drill-view.ts";
import "./views/enrol-view.ts";
import "./views/events-view.ts";
import "./views/live-view.ts";
import "./views/people-view.ts";
import "./views/person-view.ts";
import "./views/rules-view.ts";
import "./views/sensitivity-view.ts";
import "./views/token-form.ts";

const TABS: readonly { readonly view: Route["view"]; readonly title: string; readonly icon: IconName }[] = [
  { view: "live", title: "Live", icon: "live" },
  { view: "care", title: "Care", icon: "care" },
  { view: "people", title: "People", icon: "people" },
  { view: "events", title: "Events", icon: "events" },
  { view: "cameras", title: "Cameras", icon: "cameras" },
];

const START: Route = { view: "live", camera: null };

@customElement("haven-app")
export class HavenApp extends LitElement {
  @state() private home: HomeState = EMPTY_HOME;
  @state() private route: Route = routeOf(location.hash) ?? START;
  /** What Haven asks about who somebody is. */
  @state() private reviews: readonly ReviewJson[] = [];
  @state() private skeletonOnly = skeletonOnly.get() === "yes";
  readonly #connection = new HomeConnection((home) => {
    this.home = home;
  });

  // A question is opened without a word: it comes with a track that ends, and that moves somebody.
  readonly #reviews = new Refresher(this, () => this.#loadReviews(), 5000);

  readonly #edges = new ResizeObserver(() => this.#keepClearOfEdges());

  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 100vh;
        min-height: 100dvh;
      }
      .top {
        position: sticky;
        top: 0;
        z-index: 2;
        max-height: 62vh;
        overflow-y: auto;
      }
      nav {
        display: flex;
        background: var(--card);
      }
      nav a {
        display: flex;
        flex: 1;
        flex-direction: column;
        align-items: center;
        justify-content: center;
        gap: 2px;
        min-height: 56px;
        color: var(--soft);
        font-size: 0.8rem;
        font-weight: 600;
        text-decoration: none;
        touch-action: manipulation;
      }
      nav a[aria-current] {
        color: var(--accent);
      }
      nav .tab {
        position: relative;
        display: flex;
      }
      .badge {
        position: absolute;
        top: -6px;
        left: 14px;
        min-width: 18px;
        padding: 0 5px;
        border-radius: 9px;
        background: var(--button);
        color: #fff;
        font-size: 0.75rem;
        line-height: 18px;
        text-align: center;
      }
      .unseen {
        position: absolute;
        width: 1px;
        height: 1px;
        overflow: hidden;
        clip-path: inset(50%);
        white-space: nowrap;
      }
      nav :focus-visible {
        outline-offset: -3px;
      }
      .brand {
        display: none;
      }
      .lost {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 8px;
        padding: 8px 16px;
        background: #ffd166;
        color: #221a00;
        font-weight: 600;
      }
      main {
        flex: 1;
        box-sizing: border-box;
        width: 100%;
        max-width: 1200px;
        margin: 0 auto;
        padding: 16px max(16px, env(safe-area-inset-right)) 24px max(16px, env(safe-area-inset-left));
      }
      main.old {
        opacity: 0.6;
      }
      @media (max-width: 699px) {
        nav {
          position: sticky;
          bottom: 0;
          z-index: 2;
          border-top: 1px solid var(--line);
          padding-bottom: env(safe-area-inset-bottom);
        }
      }
      @media (min-width: 700px) {
        nav {
          order: -1;
          align-items: center;
          gap: 4px;
          padding: 0 max(16px, calc(50vw - 584px));
          border-bottom: 1px solid var(--line);
        }
        nav a {
          flex: none;
          flex-direction: row;
          gap: 8px;
          padding: 0 16px;
          border-bottom: 3px solid transparent;
          font-size: 1rem;
        }
        nav a[aria-current] {
          border-bottom-color: var(--accent);
        }
        .brand {
          display: block;
          margin-right: auto;
          font-size: 1.15rem;
          font-weight: 700;
        }
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    adoptTheme();
    addEventListener("hashchange", this.#onHash);
    this.addEventListener("done", this.#onDone);
    this.#connection.connect();
  }

  override firstUpdated(): void {
    for (const part of this.renderRoot.querySelectorAll(".top, nav")) this.#edges.observe(part);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#edges.disconnect();
    removeEventListener("hashchange", this.#onHash);
    this.#connection.close();
  }

  override willUpdate(changed: PropertyValues): void {
    if (personsMoved(changed.get("home"), this.home)) this.#reviews.ask();
  }

  override updated(changed: PropertyValues): void {
    const { alarms, cameras } = this.home;
    const raised = alarms.find((alarm) => alarm.state === "raised");
    document.title = raised === undefined ? "Haven" : `⚠ ${alarmTitle(raised, cameras)} – Haven`;
    // Where the view changed, reading goes on at its heading. Not at the first sight of the page.
    if (changed.get("route") !== undefined) void this.#focusHeading();
  }

  override render() {
    const { home } = this;
    return html`
      <div class="top">
        <haven-alarm-banner .home=${home}></haven-alarm-banner>
        <haven-care-bar .care=${home.care}></haven-care-bar>
        <div role="status">
          ${
            home.connection === "lost"
              ? html`<div class="lost">${icon("lost")}Connection lost: alarms cannot be seen here. Trying again…</div>`
              : nothing
          }
        </div>
      </div>
      <main class=${home.connection === "lost" ? "old" : ""}>${this.#view()}</main>
      <nav aria-label="Views">
        <span class="brand">Haven</span>
        ${TABS.map(
          (tab) => html`<a href="#/${tab.view}" aria-current=${tab.view === this.#tab() ? "page" : nothing}>
            <span class="tab">${icon(tab.icon)}${tab.view === "people" ? this.#badge() : nothing}</span>
            ${tab.title}
          </a>`,
        )}
      </nav>
      <haven-undo-toast @undone=${() => this.#reviews.ask("now")}></haven-undo-toast>
    `;
  }

  #badge() {
    const { length } = this.reviews;
    if (length === 0) return nothing;
    return html`<span class="badge" aria-hidden="true">${length > 99 ? "99+" : length}</span>
      <span class="unseen">${length === 1 ? "1 question:" : `${length} questions:`}</span>`;
  }

  /** Without any camera there is only one thing to do, wherever the page was opened. */
  #shown(): Route {
    const { home, route } = this;
    if (!home.known || home.cameras.length > 0 || !["live", "cameras"].includes(route.view)) return route;
    return { view: "cameras", edit: "new" };
  }

  /** The tab that the view belongs to. */
  #tab(): Route["view"] {
    const { view } = this.#shown();
    return view === "alarm" ? "care" : view;
  }

  #view() {
    const { home } = this;
    if (home.connection === "locked") {
      return html`<haven-token-form @unlocked=${() => this.#connection.retry()}></haven-token-form>`;
    }
    if (!home.known) return html`<p class="soft" role="status">Connecting to Haven…</p>`;
    const route = this.#shown();
    switch (route.view) {
      case "live":
        return route.camera === null
          ? html`<haven-live-view .cameras=${home.cameras} .persons=${home.presence.persons} ?hidePictures=${this.skeletonOnly}></haven-live-view>`
          : html`<haven-camera-live-view
              .connection=${this.#connection}
              .home=${home}
              cameraId=${route.camera}
              ?skeletonOnly=${this.skeletonOnly}
              @skeleton-only=${(event: CustomEvent<boolean>) => this.#setSkeletonOnly(event.detail)}
            ></haven-camera-live-view>`;
      case "care":
        return this.#care(route.page);
      case "alarm":
        return html`<haven-alarm-view .home=${home} alarmId=${route.id}></haven-alarm-view>`;
      case "people":
        return this.#people(route.page);
      case "events":
        return html`<haven-events-view .home=${home}></haven-events-view>`;
      case "cameras":
        return this.#cameras(route.edit);
    }
  }

  #care(page: CarePage | null) {
    switch (page) {
      case "drill":
        return html`<haven-drill-view .home=${this.home}></haven-drill-view>`;
      case "sensitivity":
        return html`<haven-sensitivity-view></haven-sensitivity-view>`;
      case "rules":
        return html`<haven-rules-view></haven-rules-view>`;
      case null:
        return html`<haven-care-view .home=${this.home}></haven-care-view>`;
    }
  }

  #people(page: Extract<Route, { view: "people" }>["page"]) {
    const { home, reviews } = this;
    if (page === null) return html`<haven-people-view .home=${home} .reviews=${reviews}></haven-people-view>`;
    if (page === "new") return html`<haven-enrol-view></haven-enrol-view>`;
    return html`<haven-person-view .home=${home} personId=${page.person}></haven-person-view>`;
  }

  #cameras(edit: Extract<Route, { view: "cameras" }>["edit"]) {
    const { cameras } = this.home;
    if (edit === null)
      return html`<haven-cameras-view
        .cameras=${cameras}
        ?homeAssistant=${this.home.homeAssistant}
      ></haven-cameras-view>`;
    const camera = edit === "new" ? null : cameraOf(this.home, edit.camera);
    if (edit !== "new" && camera === null) {
      return html`<h1 tabindex="-1">This camera is gone</h1>
        <p><a href="#/cameras">Back to the cameras</a></p>`;
    }
    return html`<haven-camera-form
      .camera=${camera}
      .cameras=${cameras}
      .areas=${areasOf(this.home)}
      ?first=${cameras.length === 0}
    ></haven-camera-form>`;
  }

  readonly #onHash = () => {
    this.route = routeOf(location.hash) ?? START;
    scrollTo(0, 0);
  };

  readonly #onDone = (event: Event) => {
    void this.renderRoot
      .querySelector<UndoToast>("haven-undo-toast")
      ?.show((event as CustomEvent<Done>).detail);
    this.#reviews.ask("now");
  };

  async #loadReviews(): Promise<void> {
    try {
      this.reviews = await listReviews();
    } catch {
      // The views say what is wrong; a badge is no place for it.
    }
  }

  async #focusHeading(): Promise<void> {
    const view = this.renderRoot.querySelector("main > *");
    if (view instanceof LitElement) await view.updateComplete;
    const heading = view instanceof HTMLHeadingElement ? view : view?.shadowRoot?.querySelector("h1");
    heading?.focus({ preventScroll: true });
  }

  /** What is scrolled to, and what the keys go to, must not come to lie under the alarms or the tabs. */
  #keepClearOfEdges(): void {
    const [top, nav] = [".top", "nav"].map((part) => this.renderRoot.querySelector<HTMLElement>(part));
    const below = nav && getComputedStyle(nav).position === "sticky" ? nav.offsetHeight : 0;
    document.documentElement.style.scrollPadding = `${top?.offsetHeight ?? 0}px 0 ${below}px`;
    this.style.setProperty("--below", `${below}px`);
  }

  #setSkeletonOnly(on: boolean): void {
    this.skeletonOnly = on;
    skeletonOnly.set(on ? "yes" : "");
  }
}
