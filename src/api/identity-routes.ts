import { type Request, Router } from "express";
import type { CallerName } from "./alarm-routes.ts";
import { parseAll, parseBy } from "./care-parsers.ts";
import type { AuditEntryJson, AuditJson, ReviewJson, ReviewsJson } from "./person-contract.ts";
import type { PersonAdmin } from "./person-deps.ts";
import { auditToWire, reviewToWire } from "./person-mapping.ts";
import { parseAuditQuery, parseReviewAnswer } from "./person-parsers.ts";

/** As many as somebody answers in an afternoon. */
const MAX_REVIEWS = 200;

/** What was done to identities, taking it back, and what Haven asks. */
export function identityRoutes(persons: PersonAdmin, nameOf: CallerName): Router {
  const router = Router();

  router.get("/audit", (request, response) => {
    const query = parseAuditQuery(request.query);
    const audit = persons.audit(query).map(auditToWire);
    const next = audit.length < query.limit ? null : (audit.at(-1)?.id ?? null);
    response.json({ audit, next } satisfies AuditJson);
  });

  router.post("/undo/:id", async (request: Request<{ id: string }>, response) => {
    const by = nameOf(response, parseBy(request.body, "this"));
    response.json(auditToWire(await persons.undo(request.params.id, by)) satisfies AuditEntryJson);
  });

  router.get("/reviews", (request, response) => {
    const reviews = persons.reviews(parseAll(request.query), MAX_REVIEWS).map(reviewToWire);
    response.json({ reviews } satisfies ReviewsJson);
  });

  router.post("/reviews/:id", async (request: Request<{ id: string }>, response) => {
    const { answer, by } = parseReviewAnswer(request.body);
    const review = await persons.answerReview(request.params.id, answer, nameOf(response, by));
    response.json(reviewToWire(review) satisfies ReviewJson);
  });

  return router;
}
