import type { EventDraft } from "../domain/events.ts";
import type { TrackIdentity } from "../domain/identity.ts";

/**
 * The event with whoever its track is taken for right now. As it is where that is unknown or only tentative, where the
 * identity is another track's, and where somebody stands in it already.
 */
export function named<Draft extends EventDraft>(draft: Draft, identity: TrackIdentity | null): Draft {
  if (identity === null || identity.personId === null || draft.personId !== null) return draft;
  if (identity.cameraId !== draft.cameraId || identity.trackId !== draft.trackId) return draft;
  const { personId, personName, cue } = identity;
  return { ...draft, personId, personName, identityCue: cue };
}
