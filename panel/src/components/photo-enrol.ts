import { css, html, LitElement, nothing, type PropertyValues } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { repeat } from "lit/directives/repeat.js";
import type { EnrolJson, PersonRefJson } from "../../../src/api/person-contract.ts";
import { sentenceOf } from "../data/api.ts";
import { enrol, likenessIn, verdictsIn } from "../data/person-api.ts";
import { type ChosenPhoto, dataUrl, MAX_PHOTOS, prepared } from "../data/photo-file.ts";
import { controls } from "../styles/controls.ts";
import { icon } from "./icon.ts";
import "./photo-verdict.ts";

export type NewPerson = Pick<EnrolJson, "name" | "kind" | "consent">;

/**
 * Photos of somebody new or known: chosen, made smaller, sent, and what was said of each. Fires `enrolled` with what the
 * daemon answered; the same photos then belong to whom it made.
 */
@customElement("haven-photo-enrol")
export class PhotoEnrol extends LitElement {
  /** Who is known; null for somebody new. */
  @property({ attribute: false }) personId: string | null = null;
  /** Who it is to become, or a sentence that says what is missing; only for somebody new. */
  @property({ attribute: false }) newPerson: () => NewPerson | string = () => "";
  @property() action = "Add photos";
  @state() private photos: readonly ChosenPhoto[] = [];
  @state() private sending = false;
  @state() private reading = false;
  @state() private problem = "";
  @state() private namesake: string | null = null;
  @state() private alike: readonly PersonRefJson[] = [];
  #key = 0;
  /** Those that were refused because they look like somebody else. */
  #refused: readonly number[] = [];

  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 12px;
      }
      label.button {
        position: relative;
        justify-self: start;
      }
      input[type="file"] {
        position: absolute;
        inset: 0;
        width: 100%;
        opacity: 0;
        cursor: pointer;
      }
      label.button:focus-within {
        outline: 3px solid var(--accent);
        outline-offset: 2px;
      }
      ul {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 12px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      .send {
        justify-self: start;
      }
      .conflict {
        display: grid;
        gap: 8px;
        padding: 12px;
        border-radius: 8px;
        background: var(--tint);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#clear();
  }

  override willUpdate(changed: PropertyValues): void {
    // The page of another person. Who was new and now is known stays the same one.
    const before = changed.get("personId") as string | null | undefined;
    if (typeof before === "string") this.#clear();
  }

  override render() {
    const busy = this.sending || this.reading;
    const waiting = this.#waiting();
    return html`
      <p class="soft small">
        Three to five photos from the front and from both sides, in good light, each with one face. Nothing but the face is kept.
      </p>
      <label class="button">
        ${icon("photo")}${this.reading ? "Reading…" : this.photos.length === 0 ? "Choose photos" : "Choose more photos"}
        <input
          type="file"
          accept="image/jpeg,image/png,image/webp"
          multiple
          ?disabled=${busy}
          @change=${this.#choose}
        />
      </label>
      ${
        this.photos.length === 0
          ? nothing
          : html`<ul aria-label="Photos">
            ${repeat(
              this.photos,
              ({ key }) => key,
              (photo) => html`<li>
                <haven-photo-verdict
                  .photo=${photo}
                  ?disabled=${busy}
                  @remove=${() => this.#remove(photo.key)}
                  @face=${(event: CustomEvent<ChosenPhoto["box"]>) => this.#meant(photo.key, event.detail)}
                  @anyway=${() => this.#send([photo.key], true)}
                ></haven-photo-verdict>
              </li>`,
            )}
          </ul>`
      }
      <p class="problem" role="alert">${this.namesake === null ? this.problem : ""}</p>
      ${this.namesake === null ? nothing : this.#conflict(this.namesake, busy)}
      ${
        this.personId !== null && waiting.length === 0
          ? nothing
          : html`<button class="primary send" type="button" ?disabled=${busy} @click=${() => this.#send(waiting, false)}>
            ${this.sending ? "Looking at the photos…" : this.action}
          </button>`
      }
      ${this.alike.length === 0 ? nothing : this.#alikes()}
    `;
  }

  #conflict(namesake: string, busy: boolean) {
    return html`<div class="conflict" role="alert">
      <p><strong>${this.problem}</strong></p>
      <div class="row">
        <a class="button" href="#/people/${encodeURIComponent(namesake)}">See who that is</a>
        <button type="button" ?disabled=${busy} @click=${() => this.#send(this.#refused, true)}>
          Somebody else: add anyway
        </button>
      </div>
    </div>`;
  }

  #alikes() {
    return html`<p role="status">
      ${this.alike.length === 1 ? "A visitor looks" : "Visitors look"} the same:
      ${this.alike.map(
        ({ id, name }, index) =>
          html`${index === 0 ? "" : ", "}<a href="#/people/${encodeURIComponent(id)}">${name}</a>`,
      )}.
      If that is the same person, merge them there.
    </p>`;
  }

  /** Not looked at yet. */
  #waiting(): readonly number[] {
    return this.photos.flatMap(({ key, photo, verdict }) =>
      photo !== null && verdict === null ? [key] : [],
    );
  }

  readonly #choose = async (event: Event): Promise<void> => {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    // The same file may be chosen again after it was removed.
    input.value = "";
    this.problem = "";
    this.namesake = null;
    const room = MAX_PHOTOS - this.#waiting().length;
    if (files.length > room)
      this.problem = `At most ${MAX_PHOTOS} photos at a time: the others were left out.`;
    this.reading = true;
    // One after the other: each is some hundred megabytes while it is open.
    for (const file of files.slice(0, room)) this.photos = [...this.photos, await this.#read(file)];
    this.reading = false;
  };

  async #read(file: File): Promise<ChosenPhoto> {
    this.#key += 1;
    const unread = {
      key: this.#key,
      name: file.name,
      url: "",
      photo: null,
      problem: "",
      box: null,
      verdict: null,
    };
    try {
      const photo = await prepared(file);
      return { ...unread, photo, url: URL.createObjectURL(photo) };
    } catch (error) {
      return { ...unread, problem: sentenceOf(error) };
    }
  }

  #clear(): void {
    for (const { url } of this.photos) URL.revokeObjectURL(url);
    this.photos = [];
    this.alike = [];
    this.problem = "";
    this.namesake = null;
  }

  #remove(key: number): void {
    for (const photo of this.photos) if (photo.key === key) URL.revokeObjectURL(photo.url);
    this.photos = this.photos.filter((photo) => photo.key !== key);
    this.problem = "";
    this.namesake = null;
  }

  /** One of several faces: looked at again. */
  #meant(key: number, box: ChosenPhoto["box"]): void {
    this.photos = this.photos.map((photo) => (photo.key === key ? { ...photo, box } : photo));
    void this.#send([key], false);
  }

  async #send(keys: readonly number[], force: boolean): Promise<void> {
    const { personId } = this;
    const who = personId === null ? this.newPerson() : { person_id: personId };
    this.namesake = null;
    this.problem = typeof who === "string" ? who : keys.length === 0 ? "Choose at least one photo." : "";
    if (typeof who === "string" || keys.length === 0) return;
    const sent = this.photos.filter(({ key, photo }) => keys.includes(key) && photo !== null);
    this.sending = true;
    try {
      const photos = await Promise.all(sent.map(packed));
      const enrolled = await enrol({ ...who, photos, ...(force ? { force } : {}) });
      this.#judge(sent, enrolled.photos);
      this.alike = enrolled.alike;
      this.dispatchEvent(new CustomEvent("enrolled", { detail: enrolled }));
    } catch (error) {
      const verdicts = verdictsIn(error);
      if (verdicts !== null) this.#judge(sent, verdicts);
      this.problem = sentenceOf(error);
      this.namesake = likenessIn(error);
      this.#refused = keys;
    } finally {
      this.sending = false;
    }
  }

  #judge(sent: readonly ChosenPhoto[], verdicts: NonNullable<ReturnType<typeof verdictsIn>>): void {
    this.photos = this.photos.map((photo) => {
      const verdict = verdicts[sent.findIndex(({ key }) => key === photo.key)];
      return verdict === undefined ? photo : { ...photo, verdict };
    });
  }
}

async function packed({ photo, box }: ChosenPhoto): Promise<EnrolJson["photos"][number]> {
  const url = photo === null ? "" : await dataUrl(photo);
  return box === null ? url : { photo: url, box };
}
