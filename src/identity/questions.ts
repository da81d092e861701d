// Asks the household about close cases: one question for a pair at a time, and not too many a day.
import type { Millis } from "../core/clock.ts";
import { isAppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Cue } from "../domain/tracklet.ts";
import type { FollowedTrack } from "./followed-track.ts";
import { questionOf } from "./open-questions.ts";
import type { People } from "./people.ts";

export interface NewReview {
  readonly createdAt: Millis;
  readonly trackletId: string;
  /** Who the tracklet is taken for; null: nobody. */
  readonly personId: string | null;
  /** Who it may be. */
  readonly candidateId: string;
  readonly cue: Cue;
  readonly score: number;
  /** The decision, as JSON. */
  readonly decision: string;
}

export interface Reviews {
  /** Whether somebody has been asked about the two and has not answered. Throws AppError store.*. */
  isOpen(personId: string | null, candidateId: string): boolean;
  /** Throws AppError store.*. */
  open(review: NewReview): void;
}

/** More would be answered by nobody. */
const PER_DAY = 12;
const DAY_MS: Millis = 24 * 3600_000;

export class Questions {
  readonly #reviews: Reviews;
  readonly #people: People;
  readonly #log: Logger;
  /** When the latest were asked. */
  #asked: readonly Millis[] = [];

  constructor(reviews: Reviews, people: People, log: Logger) {
    this.#reviews = reviews;
    this.#people = people;
    this.#log = log;
  }

  /** At the end of a track, when no better evidence is to be expected. */
  ask(track: FollowedTrack): void {
    const { identity, byHand, doubt, lastSeenAt: createdAt, trackletId } = track;
    const personId = identity.personId;
    const question = doubt ?? questionOf(track.decision, personId, (id) => this.#isNamed(id));
    if (byHand || question === null || question.candidateId === personId) return;
    if (track.never.has(question.candidateId)) return;
    this.#asked = this.#asked.filter((at) => createdAt - at < DAY_MS);
    if (this.#asked.length >= PER_DAY) return;
    try {
      if (this.#reviews.isOpen(personId, question.candidateId)) return;
      const decision = JSON.stringify(track.decision);
      this.#reviews.open({ createdAt, trackletId, personId, decision, ...question });
      this.#asked = [...this.#asked, createdAt];
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#log.warn({ err: error }, "a question about a close case could not be kept");
    }
  }

  #isNamed(personId: string): boolean {
    return (this.#people.person(personId)?.name ?? null) !== null;
  }
}
