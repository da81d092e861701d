import type { Clock } from "../core/clock.ts";
import { newId } from "../core/ids.ts";
import type { Store } from "../store/store.ts";
import type { Reviews } from "./questions.ts";

/** Open questions looked through for one about the same two. More than are asked in a month. */
const OPEN_LIMIT = 400;

/** Questions in the database, for whoever answers them. */
export function keptReviews(store: Pick<Store, "reviews">, clock: Clock): Reviews {
  return {
    isOpen: (personId, candidateId) =>
      store.reviews
        .list("open", OPEN_LIMIT)
        .some(
          (row) =>
            (row.personId === personId && row.candidateId === candidateId) ||
            (row.personId === candidateId && row.candidateId === personId),
        ),
    open: (review) =>
      store.reviews.save({
        reviewId: newId(clock.now()),
        ...review,
        answer: null,
        answeredAt: null,
        answeredBy: null,
      }),
  };
}
