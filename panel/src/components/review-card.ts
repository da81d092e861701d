import { css, html, LitElement, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import type {
  PersonJson,
  PersonRefJson,
  ReviewAnswerJson,
  ReviewJson,
} from "../../../src/api/person-contract.ts";
import { sentenceOf } from "../data/api.ts";
import { answerReview } from "../data/person-api.ts";
import { controls } from "../styles/controls.ts";
import { reviewQuestion, reviewReason } from "../words/people-words.ts";
import { tellDone } from "./done.ts";
import "./person-picture.ts";
import "./time-ago.ts";

const ANSWERS: readonly { readonly answer: ReviewAnswerJson["answer"]; readonly title: string }[] = [
  { answer: "same", title: "Same person" },
  { answer: "different", title: "Different" },
  { answer: "unsure", title: "Not sure" },
];

/** One question of Haven's: who somebody was. Fires `answered` once it is. */
@customElement("haven-review-card")
export class ReviewCard extends LitElement {
  @property({ attribute: false }) review: ReviewJson | null = null;
  /** Everybody who is known: for their pictures. */
  @property({ attribute: false }) persons: readonly PersonJson[] = [];
  @state() private sending = false;
  @state() private problem = "";

  static override styles = [
    controls,
    css`
      section {
        display: grid;
        gap: 12px;
      }
      h2,
      .small {
        overflow-wrap: anywhere;
      }
      .pair {
        display: flex;
        gap: 4px;
      }
      .answers {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .answers button {
        padding: 8px 16px;
      }
    `,
  ];

  override render() {
    const { review } = this;
    if (review === null) return nothing;
    const question = reviewQuestion(review);
    return html`<section class="card" aria-label=${question}>
      <div class="row">
        <div class="pair">${this.#picture(review.person)}${this.#picture(review.candidate)}</div>
        <div class="grow">
          <h2>${question}</h2>
          <p class="soft small">${reviewReason(review)} · <haven-time-ago at=${review.created_at}></haven-time-ago></p>
        </div>
      </div>
      <div class="answers">
        ${ANSWERS.map(
          ({
            answer,
            title,
          }) => html`<button ?disabled=${this.sending} @click=${() => this.#answer(review, answer)}>
            ${title}
          </button>`,
        )}
      </div>
      ${this.problem === "" ? nothing : html`<p class="problem" role="alert">${this.problem}</p>`}
    </section>`;
  }

  #picture(who: PersonRefJson | null) {
    if (who === null) return nothing;
    const picture = this.persons.find(({ id }) => id === who.id)?.picture ?? null;
    return html`<haven-person-picture name=${who.name} .picture=${picture}></haven-person-picture>`;
  }

  async #answer(review: ReviewJson, answer: ReviewAnswerJson["answer"]): Promise<void> {
    this.problem = "";
    this.sending = true;
    try {
      await answerReview(review.id, answer);
      const words = {
        same: "Noted: the same person.",
        different: "Noted: somebody else.",
        unsure: "Left open.",
      };
      tellDone(this, {
        sentence: words[answer],
        personId: review.candidate?.id ?? null,
        actions: ["review"],
      });
      this.dispatchEvent(new CustomEvent("answered", { detail: review.id }));
    } catch (error) {
      this.problem = `Not stored. ${sentenceOf(error)}`;
    } finally {
      this.sending = false;
    }
  }
}
