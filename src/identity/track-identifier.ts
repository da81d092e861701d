// Decides who a track is, acts on it, and settles it when two tracks claim one person.
import type { Clock, Millis } from "../core/clock.ts";
import { isAppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Camera } from "../domain/camera.ts";
import type { EventDraft } from "../domain/events.ts";
import type { IdentityDecision, TrackIdentity } from "../domain/identity.ts";
import { displayName, type Person } from "../domain/person.ts";
import type { Candidate } from "../reid/candidate.ts";
import { decide } from "../reid/decision.ts";
import { decisionSettings } from "../reid/decision-settings.ts";
import { cautious, isClear } from "./caution.ts";
import { type FollowedTrack, nobody, somebody, trackletRow } from "./followed-track.ts";
import { faceMatched, identityChanged, type Occasion, unknownPerson } from "./identity-drafts.ts";
import type { IdentitySettings } from "./identity-settings.ts";
import type { Scope } from "./people.ts";
import type { SiteMemory } from "./site-memory.ts";
import { FACE, faceScore, type Revision, revise, strength } from "./track-revision.ts";
import { Whereabouts, type WhereaboutsOptions } from "./whereabouts.ts";

export interface TrackIdentifierOptions extends WhereaboutsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly record: (draft: EventDraft) => void;
  readonly onIdentity: (identity: TrackIdentity) => void;
  readonly absorb: (visitorId: string, personId: string, at: Millis) => void;
  readonly settings: () => IdentitySettings;
  readonly camera: (id: string) => Camera | null;
  readonly site: SiteMemory;
}

/** Persons compared more closely. */
const CANDIDATES = 16;
/** Somebody new is worth a word once they have been in sight this long: who only passes the door is not. */
const LOOKED_AT_MS: Millis = 3000;

/** Two tracks that are equally like a person must not take them from one another in turn. */
const LEAST_LEAD = 0.01;

interface Judgement {
  readonly decision: IdentityDecision;
  /** Tracks that claimed the same person on weaker grounds. */
  readonly displaced: readonly FollowedTrack[];
}

const BY_HAND: IdentityDecision = {
  outcome: "matched",
  personId: null,
  cue: null,
  confidence: 1,
  combined: null,
  cues: [],
  reasons: ["confirmed_by_hand"],
};

export class TrackIdentifier {
  readonly #options: TrackIdentifierOptions;
  readonly #whereabouts: Whereabouts;
  /** Whose identity is being changed: what the gallery says of that meanwhile is not news. */
  #acting: FollowedTrack | null = null;

  constructor(options: TrackIdentifierOptions) {
    this.#options = options;
    this.#whereabouts = new Whereabouts(options);
  }

  /** After a checkpoint, or when something that it was decided by no longer holds. */
  consider(track: FollowedTrack): void {
    const { decision, displaced } = this.#judge(track);
    track.decision = decision;
    const { identity, byHand, ownVisitorId } = track;
    const standing = {
      personId: identity.personId,
      decision: identity.personId === null ? null : identity.decision,
      byHand,
      ownVisitor: ownVisitorId !== null && ownVisitorId === identity.personId,
    };
    const revision = revise(standing, decision);
    const losers = displaced.map((loser) => ({ loser, previous: loser.identity.personId }));
    for (const { loser } of losers) this.#displace(loser);
    this.#act(track, revision, decision);
    for (const { loser, previous } of losers) {
      this.consider(loser);
      this.#sayChanged(loser, previous);
    }
    this.#write(track);
    this.tellUnknown(track);
  }

  /** Somebody said who it is; the database knows already. */
  assignByHand(track: FollowedTrack, personId: string): void {
    const person = this.#options.people.person(personId);
    if (person === null) return;
    const previous = track.identity.personId;
    track.byHand = true;
    track.never.delete(person.id);
    track.ownVisitorId = null;
    this.#assign(track, person, { ...BY_HAND, personId: person.id });
    this.#sayChanged(track, previous);
    this.#write(track);
  }

  /** Somebody said who it is not: it is decided anew without them. */
  exclude(track: FollowedTrack, personId: string): void {
    const { people } = this.#options;
    track.never.add(people.person(personId)?.id ?? personId);
    if (track.identity.personId !== null && !track.never.has(track.identity.personId)) return;
    const previous = track.identity.personId;
    this.#displace(track);
    this.consider(track);
    this.#sayChanged(track, previous);
  }

  /** Two tracks that are taken for one person and are seen in one picture: the stronger keeps it. */
  separate(known: readonly FollowedTrack[]): void {
    for (const [at, one] of known.entries())
      for (const other of known.slice(at + 1)) {
        const personId = one.identity.personId;
        if (personId === null || personId !== other.identity.personId) continue;
        if (this.#options.views.get(one.cameraId)?.together(one.trackId, other.trackId) !== true) continue;
        const weaker = isStronger(one, other) ? other : one;
        if (weaker.byHand) continue;
        this.#displace(weaker);
        this.consider(weaker);
        this.#sayChanged(weaker, personId);
      }
  }

  /** Their person is in sight. */
  note(track: FollowedTrack, withSize = false): void {
    const { cameraId, lastSeenAt: at, trackletId, widthPx, heightPx, identity } = track;
    if (identity.personId === null) return;
    track.notedAt = at;
    const size = withSize && widthPx > 0 && heightPx > 0 ? { trackletId, widthPx, heightPx } : null;
    this.#options.people.seen(identity.personId, {
      cameraId,
      at,
      size,
      heightM: withSize ? track.heightM : null,
    });
  }

  /** Somebody new is told of once, when looked at for long enough. */
  tellUnknown(track: FollowedTrack): void {
    if (!track.unknownUntold || track.lastSeenAt - track.firstSeenAt < LOOKED_AT_MS) return;
    track.unknownUntold = false;
    const occasion = this.#occasion(track);
    if (occasion.person !== null && occasion.person.name === null)
      this.#options.record(unknownPerson(occasion));
  }

  /** The track is over: what is known of it is written. */
  finish(track: FollowedTrack): void {
    this.note(track, true);
    this.#write(track);
  }

  /** Persons were renamed, merged or forgotten: tracks follow. */
  followPeople(): void {
    const { tracks, past, onIdentity } = this.#options;
    for (const track of tracks.values()) {
      if (track === this.#acting) continue;
      const now = this.#today(track.identity);
      if (now === track.identity) continue;
      track.identity = now;
      if (now.personId === null) track.byHand = false;
      onIdentity(now);
    }
    past.revise((stay) => {
      const identity = this.#today(stay.identity);
      return identity === stay.identity ? stay : { ...stay, identity };
    });
  }

  #judge(track: FollowedTrack): Judgement {
    const { people } = this.#options;
    const { rules, models } = this.#options.settings();
    const start = rules.appearanceAlone ?? models.appearance.accept ?? 0;
    const settings = decisionSettings(rules, models, this.#options.site.raisedAlone(track, start));
    const found = people
      .search(track.evidence, this.#scope(track), CANDIDATES)
      .filter(({ personId }) => personId !== track.ownVisitorId)
      .map((likeness) => this.#whereabouts.candidate(track, likeness));
    const decideOn = (candidates: readonly Candidate[]) => {
      const decision = decide(track.evidence, candidates, settings);
      return cautious(decision, this.#isVouchedFor(decision.personId));
    };
    const decision = decideOn(found);
    if (!found.some(({ blocked }) => blocked !== null)) return { decision, displaced: [] };
    // Whom it would be if nobody else claimed to be them.
    const free = decideOn(found.map((candidate) => ({ ...candidate, blocked: null })));
    const rivals =
      free.outcome === "matched" && free.personId !== null && strength(free) === FACE
        ? this.#whereabouts.rivals(track, free.personId)
        : [];
    const margin = settings.face?.margin ?? 0;
    const givesWay = (rival: FollowedTrack | null): rival is FollowedTrack =>
      rival !== null && !rival.byHand && outdoes(free, rival.identity.decision, margin);
    return rivals.length > 0 && rivals.every(givesWay)
      ? { decision: free, displaced: rivals.filter(givesWay) }
      : { decision, displaced: [] };
  }

  /** By whoever gave them a name or a photo. */
  #isVouchedFor(personId: string | null): boolean {
    const person = personId === null ? null : this.#options.people.person(personId);
    return person !== null && (person.name !== null || person.kind !== "visitor");
  }

  /** Where only some persons are looked for, somebody new belongs there too. */
  #scope({ cameraId }: FollowedTrack): Scope {
    return { region: this.#options.camera(cameraId)?.region ?? null, clientId: null };
  }

  #act(track: FollowedTrack, revision: Revision, decision: IdentityDecision): void {
    const previous = track.identity.personId;
    switch (revision.kind) {
      case "keep":
        if (previous === null) this.#stayNobody(track, decision);
        else if (track.ownVisitorId === previous && decision.outcome === "new")
          this.#seeAgain(track, decision);
        break;
      case "suppose":
        this.#stayNobody(track, decision);
        break;
      case "confirm":
      case "take":
      case "change":
        this.#take(track, revision.kind === "confirm" ? previous : revision.personId, decision);
        break;
      case "absorb":
        if (previous !== null && this.#absorb(track, previous, revision.personId))
          this.#take(track, revision.personId, decision);
        break;
      case "create":
        this.#create(track, decision);
        break;
      case "doubt":
        track.doubt = { candidateId: revision.personId, cue: "face", score: faceScore(decision) ?? 0 };
        break;
    }
    const from = previous ?? track.takenOverFrom;
    if (from !== null && track.identity.personId !== null) {
      track.takenOverFrom = null;
      this.#sayChanged(track, from);
    }
    this.note(track, true);
  }

  #take(track: FollowedTrack, personId: string | null, decision: IdentityDecision): void {
    const person = personId === null ? null : this.#options.people.person(personId);
    if (person === null) return;
    this.#assign(track, person, decision);
    if (decision.cue !== "face" || track.told.has(person.id)) return;
    track.told.add(person.id);
    this.#options.record(faceMatched(this.#occasion(track)));
  }

  #create(track: FollowedTrack, decision: IdentityDecision): void {
    const { people, log } = this.#options;
    try {
      this.#acting = track;
      const person = people.create({ kind: "visitor", scope: this.#scope(track), at: track.lastSeenAt });
      track.ownVisitorId = person.id;
      track.unknownUntold = decision.cue === "face";
      this.#assign(track, person, decision);
    } catch (error) {
      // The next checkpoint tries again.
      if (!isAppError(error)) throw error;
      log.warn({ err: error }, "somebody new could not be kept");
    } finally {
      this.#acting = null;
    }
  }

  /** Somebody new is still nobody known; perhaps a face shows that now, where there were only clothes. */
  #seeAgain(track: FollowedTrack, decision: IdentityDecision): void {
    const { identity } = track;
    const person = identity.personId === null ? null : this.#options.people.person(identity.personId);
    if (person === null || decision.cue !== "face" || identity.cue === "face") {
      this.#learn(track);
      return;
    }
    track.unknownUntold = true;
    this.#assign(track, person, decision);
  }

  /** False when it could not be done: then everything is as it was. */
  #absorb(track: FollowedTrack, visitorId: string, personId: string): boolean {
    const { absorb, log } = this.#options;
    try {
      this.#acting = track;
      absorb(visitorId, personId, track.lastSeenAt);
      track.ownVisitorId = null;
      track.unknownUntold = false;
      return true;
    } catch (error) {
      if (!isAppError(error)) throw error;
      // Not the sentence: it names people.
      log.warn({ code: error.code }, "a visitor could not be made part of the person it is");
      return false;
    } finally {
      this.#acting = null;
    }
  }

  #assign(track: FollowedTrack, person: Person, decision: IdentityDecision): void {
    const before = track.identity;
    const same = before.personId === person.id;
    track.identity = somebody(track, person, decision, same ? before.since : track.lastSeenAt);
    if (!same) this.#shared(person.id, track);
    if (track.byHand || decision.outcome === "new" || isClear(decision)) this.#learn(track);
    if (!same || before.cue !== decision.cue) this.#options.onIdentity(track.identity);
  }

  /** An entry that another track belongs to as well is no longer one track's own. */
  #shared(personId: string, by: FollowedTrack): void {
    for (const other of this.#options.tracks.values())
      if (other !== by && other.ownVisitorId === personId) other.ownVisitorId = null;
  }

  #learn(track: FollowedTrack): void {
    const { personId } = track.identity;
    if (personId === null || track.examples.length === 0) return;
    this.#options.people.learn(personId, track.examples);
    track.examples = [];
  }

  #stayNobody(track: FollowedTrack, decision: IdentityDecision): void {
    const before = track.identity;
    const next = nobody(track, decision, track.lastSeenAt);
    const same = before.tentativeId === next.tentativeId && before.decision.outcome === decision.outcome;
    track.identity = same ? { ...next, since: before.since } : next;
    if (!same) this.#options.onIdentity(track.identity);
  }

  #displace(track: FollowedTrack): void {
    const decision: IdentityDecision = {
      ...track.identity.decision,
      outcome: "unknown",
      personId: null,
      cue: null,
      reasons: ["same_camera"],
    };
    track.ownVisitorId = null;
    track.byHand = false;
    track.identity = nobody(track, decision, track.lastSeenAt);
    this.#options.onIdentity(track.identity);
  }

  #write(track: FollowedTrack): void {
    this.#options.people.putTracklet(trackletRow(track));
  }

  #sayChanged(track: FollowedTrack, previous: string | null): void {
    if (previous === null || track.identity.personId === previous) return;
    this.#options.record(identityChanged(this.#occasion(track), previous));
  }

  #occasion(track: FollowedTrack): Occasion {
    const { cameraId, area, trackId, identity, lastSeenAt: capturedAt, mediaTimeS } = track;
    const person = identity.personId === null ? null : this.#options.people.person(identity.personId);
    return { cameraId, area, trackId, person, decision: identity.decision, capturedAt, mediaTimeS };
  }

  /** The same, as the person is called today; nobody once they are forgotten. */
  #today(identity: TrackIdentity): TrackIdentity {
    if (identity.personId === null) return identity;
    const person = this.#options.people.person(identity.personId);
    if (person === null)
      return nobody(
        identity,
        { ...identity.decision, outcome: "unknown", personId: null, cue: null },
        identity.since,
      );
    const { id: personId, kind } = person;
    const personName = displayName(person);
    const same =
      personId === identity.personId && personName === identity.personName && kind === identity.kind;
    return same ? identity : { ...identity, personId, personName, kind };
  }
}

/** Whether a decision by a face is clearly stronger than what another track holds. */
function outdoes(decision: IdentityDecision, held: IdentityDecision, margin: number): boolean {
  if (strength(held) < FACE) return true;
  return (faceScore(decision) ?? 0) >= (faceScore(held) ?? 0) + Math.max(margin, LEAST_LEAD);
}

function isStronger(one: FollowedTrack, other: FollowedTrack): boolean {
  const rank = ({ byHand, identity: { decision } }: FollowedTrack) =>
    byHand ? 10 : strength(decision) + (faceScore(decision) ?? 0);
  return rank(one) >= rank(other);
}
